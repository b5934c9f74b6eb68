package io.deepgate.admission;

import java.util.concurrent.ScheduledExecutorService;
import reactor.core.publisher.Mono;

/** What one call holds of its tenant's limits, from its opening until it is settled, once. */
public interface Reservation {

    /**
     * Claims a request and a concurrent one, and what the call will probably use of tokens and budgets: all or nothing.
     * Fails with {@link LimitExceededException} if a limit is spent, or with {@link LimitsUnknownException}.
     *
     * @param promptByBytes the prompt's tokens as its bytes suggest
     * @param maxTokens the completion tokens that the call asks for at most, 0 where it does not say
     * @param loop the call's thread, on which this is called, and completes
     */
    Mono<Void> claim(long promptByBytes, long maxTokens, ScheduledExecutorService loop);

    /**
     * Ends the call: what was claimed too much goes back, what was used beyond becomes debt. Only the first settling
     * counts. Does not wait.
     */
    void settle(Used used);

    /** Ends a call that was refused before it used anything: all goes back, the request as well. Does not wait. */
    void cancel();

    /** The tenant's limits as they stand now, as far as this process knows. */
    RateLimits rateLimits();
}
