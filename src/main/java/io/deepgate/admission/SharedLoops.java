package io.deepgate.admission;

import io.lettuce.core.resource.EventLoopGroupProvider;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import java.util.concurrent.TimeUnit;
import reactor.netty.resources.LoopResources;

/**
 * Lets Redis be spoken to on the threads that serve calls: a thread more would have to be woken twice a call. Whoever made
 * them ends them.
 */
record SharedLoops(LoopResources loops) implements EventLoopGroupProvider {

    static final int COUNT = LoopResources.DEFAULT_IO_WORKER_COUNT;

    /** Lettuce and Reactor Netty both take the native transport where there is one, and NIO elsewhere. */
    @Override
    @SuppressWarnings("unchecked")
    public <T extends EventLoopGroup> T allocate(Class<T> type) {
        return (T) loops.onClient(true);
    }

    @Override
    public int threadPoolSize() {
        return COUNT;
    }

    @Override
    public Future<Boolean> release(EventExecutorGroup group, long quietPeriod, long timeout, TimeUnit unit) {
        return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
    }

    @Override
    public Future<Boolean> shutdown(long quietPeriod, long timeout, TimeUnit unit) {
        return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
    }
}
