package io.deepgate.admission;

import java.time.Duration;

/** Redis has not answered in the time that a call may wait for it. */
final class RedisTimeoutException extends RuntimeException {

    RedisTimeoutException(long nanos) {
        super("no answer within " + Duration.ofNanos(nanos).toMillis() + " ms", null, false, false);
    }
}
