package io.deepgate.forward;

import io.deepgate.catalog.Upstream;
import io.deepgate.forward.UpstreamTimeoutException.Wait;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** Whether a failed attempt is made again, when, and how often. */
final class Retries {

    /** What may follow a failure before any content. */
    enum Next {
        /** The client is told. */
        NOTHING,
        /** Another upstream is asked, if there is one. */
        FAILOVER,
        /** The same with another key, else another. */
        OTHER_KEY,
        /** Another, else the same again. */
        RETRY
    }

    private static final String RETRY_COUNT = "x-stainless-retry-count";
    private static final int MULTIPLIER = 2;
    private static final double JITTER = 0.5;

    private final ForwardProperties.Retries properties;
    private final IntervalFunction pauses;
    private final Map<String, RetryBudget> budgets = new ConcurrentHashMap<>();

    Retries(ForwardProperties.Retries properties) {
        this.properties = properties;
        this.pauses = IntervalFunction.ofExponentialRandomBackoff(
                properties.backoff(), MULTIPLIER, JITTER, properties.longest());
    }

    RetryBudget budget(Upstream upstream) {
        RetryBudget budget = budgets.get(upstream.name());
        return budget != null
                ? budget
                : budgets.computeIfAbsent(
                        upstream.name(),
                        name -> new RetryBudget(properties.budget(), properties.leastPerMinute(), System::nanoTime));
    }

    /** How many a call has; each one that its client has made by itself is one less. Source: OpenAI's SDKs. */
    int most(HttpHeaders caller) {
        String count = caller.getFirst(RETRY_COUNT);
        return count == null ? properties.most() : Math.max(0, properties.most() - whole(count, 0));
    }

    Next after(Throwable failure) {
        return switch (failure) {
            case UpstreamUnavailableException e -> e.passing() ? Next.RETRY : Next.FAILOVER;
            case UpstreamTimeoutException e -> after(e.waited());
            case UpstreamRefusedException e -> after(e);
            default -> Next.NOTHING;
        };
    }

    private static Next after(Wait wait) {
        return switch (wait) {
            case CONNECT -> Next.RETRY;
            case FIRST_CONTENT -> Next.FAILOVER;
            case IDLE, TOTAL -> Next.NOTHING;
        };
    }

    private Next after(UpstreamRefusedException refused) {
        return switch (refused.status()) {
            case 401, 402, 403 -> Next.OTHER_KEY;
            case 429 -> refused.concurrencyLimit() > 0 || asked(refused) != null ? Next.RETRY : Next.FAILOVER;
            default -> Next.NOTHING;
        };
    }

    /** The pause that the upstream asks for, if it does and that is short; else null. */
    private @Nullable Duration asked(UpstreamRefusedException refused) {
        int seconds = refused.retryAfter() == null ? -1 : whole(refused.retryAfter(), -1);
        Duration asked = Duration.ofSeconds(seconds);
        return seconds < 0 || asked.compareTo(properties.longest()) > 0 ? null : asked;
    }

    /** @param retry which one it is, from 1 */
    Duration pause(Throwable failure, int retry) {
        Duration own = Duration.ofMillis(pauses.apply(retry));
        Duration asked = failure instanceof UpstreamRefusedException refused ? asked(refused) : null;
        return asked == null || asked.compareTo(own) < 0 ? own : asked;
    }

    /** Whether {@code upstream} may be asked again; a call that its concurrency limit turned away waits for a slot anyway. */
    boolean allows(Upstream upstream, Throwable failure) {
        return (failure instanceof UpstreamRefusedException refused && refused.concurrencyLimit() > 0)
                || budget(upstream).tryRetry();
    }

    private static int whole(String text, int otherwise) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }
}
