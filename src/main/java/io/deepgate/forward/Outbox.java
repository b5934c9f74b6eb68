package io.deepgate.forward;

import io.deepgate.catalog.Route;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import org.jspecify.annotations.Nullable;

/** The bytes of one call, held until no attempt will need them again: the caller's, and those that a route is sent. */
final class Outbox {

    private final Outgoing call;
    private @Nullable ByteBuf untouched;
    private @Nullable ByteBuf rewritten;
    private @Nullable Route rewrittenFor;

    /**
     * Takes the call's body over.
     *
     * @throws io.deepgate.api.InvalidRequestException if it cannot be rewritten; then it is not taken over
     */
    Outbox(Outgoing call) {
        this.call = call;
        rewritten = call.rewrite().apply(call.routes().getFirst());
        rewrittenFor = call.routes().getFirst();
        untouched = call.body();
    }

    /** What {@code route} is sent; to be released by whoever asks. */
    synchronized ByteBuf bytesFor(Route route) {
        if (untouched == null) {
            throw new IllegalReferenceCountException("the call is over");
        }
        if (rewritten == null || !route.equals(rewrittenFor)) {
            forget(rewritten);
            rewritten = null;
            rewritten = call.rewrite().apply(route);
            rewrittenFor = route;
        }
        // With a count of references that is its own: should the call end while this is written, Reactor Netty
        // releases it as long as there are any, and would take them for its own that are ours.
        return Unpooled.compositeBuffer(1).addComponent(true, rewritten.retainedDuplicate());
    }

    /** Nothing will be sent any more. */
    synchronized void release() {
        forget(untouched);
        forget(rewritten);
        untouched = null;
        rewritten = null;
        call.released().run();
    }

    private static void forget(@Nullable ByteBuf bytes) {
        if (bytes != null) {
            bytes.release();
        }
    }
}
