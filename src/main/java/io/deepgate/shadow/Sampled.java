package io.deepgate.shadow;

import io.deepgate.access.Tenant;
import io.deepgate.api.Endpoint;
import io.deepgate.api.RequestBody;
import io.deepgate.catalog.Shadowed;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A call that is to be asked of the candidate as well, from before it is forwarded on. It holds the call's bytes. */
public final class Sampled {

    private final Shadows shadows;
    final Tenant tenant;
    final Shadowed rule;
    final Endpoint endpoint;
    final RequestBody body;
    private final Heard heard;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean released = new AtomicBoolean();
    private final AtomicInteger held;

    @Nullable
    Told told;

    /**
     * @param body of which this holds the bytes from now on, beside who holds them already
     * @param held what they cost, which has been counted
     * @param longest bytes of the answer that are kept at most
     */
    Sampled(Shadows shadows, Tenant tenant, Shadowed rule, Endpoint endpoint, RequestBody body, int held, int longest) {
        this.held = new AtomicInteger(held);
        this.shadows = shadows;
        this.tenant = tenant;
        this.rule = rule;
        this.endpoint = endpoint;
        this.body = body;
        this.heard = new Heard(longest, this::hold);
        body.bytes().retain();
    }

    /** A piece of the answer that the client is sent; it stays as it is. */
    public void hear(ByteBuf piece) {
        heard.add(piece);
    }

    /** Notes that so many more bytes are in memory for it; false, and then they do not count, if that is too much. */
    boolean hold(int bytes) {
        boolean fits = shadows.hold(bytes);
        if (fits) {
            held.addAndGet(bytes);
        }
        return fits;
    }

    /** The answer that the client was sent, empty if it was too long. */
    byte[] heard() {
        return heard.bytes();
    }

    /**
     * The call is over. Does not wait.
     *
     * @param told how it was answered; null where it was not, so that nothing is asked again
     */
    public void end(@Nullable Told told) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        if (told == null) {
            release();
        } else {
            this.told = told;
            shadows.offer(this);
        }
    }

    /** Nothing is asked of the candidate any more. */
    void release() {
        if (released.compareAndSet(false, true)) {
            shadows.letGo(held.getAndSet(0));
            body.bytes().release();
        }
    }
}
