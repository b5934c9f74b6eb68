package io.deepgate.admission;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How calls are let in.
 *
 * @param store where limits are counted
 * @param redis how Redis is used, where it counts them
 * @param completionClaim the most completion tokens claimed before a call, and what is claimed while nothing is known of
 *     its tenant; 1 to 1,000,000
 * @param leastCompletionClaim the fewest claimed, however short the tenant's completions are, unless the call itself asks
 *     for fewer; 1 to {@code completionClaim}
 * @param budgetWarnings shares of a budget at which answers and meters warn, above 0 and below 1
 * @param restore how often what tenants have spent is compared with what is recorded, at least 1 s
 */
@ConfigurationProperties("gateway.admission")
public record AdmissionProperties(
        @DefaultValue("memory") Store store,
        @DefaultValue Redis redis,
        @DefaultValue("2048") int completionClaim,
        @DefaultValue("1") int leastCompletionClaim,
        @DefaultValue({"0.8", "0.95"}) List<Double> budgetWarnings,
        @DefaultValue("30s") Duration restore) {

    private static final int MOST_CLAIM = 1_000_000;

    public AdmissionProperties {
        within("completion-claim", completionClaim, MOST_CLAIM);
        within("least-completion-claim", leastCompletionClaim, completionClaim);
        budgetWarnings = new BudgetShares(budgetWarnings).ascending();
        if (restore.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("gateway.admission.restore is " + restore + ": write 1s or more");
        }
    }

    /** Where limits are counted. */
    public enum Store {
        /** In this process: right for one replica. */
        MEMORY,
        /** In Redis: for several, which then admit what one would. */
        REDIS
    }

    /**
     * How Redis is used; where it is, Spring Boot's {@code spring.data.redis} says.
     *
     * @param timeout how long a call may wait for Redis in all, 1 to 50 ms
     * @param lease how long a call is counted as open if its replica dies, 3 to 25 s; what is open is renewed before
     * @param unavailable what becomes of calls while Redis fails
     */
    public record Redis(
            @DefaultValue("50ms") Duration timeout,
            @DefaultValue("15s") Duration lease,
            @DefaultValue("share") Unavailable unavailable) {

        private static final long MOST_TIMEOUT = 50;
        private static final long LEAST_LEASE = 3;
        private static final long MOST_LEASE = 25;

        public Redis {
            if (timeout.toMillis() < 1 || timeout.toMillis() > MOST_TIMEOUT) {
                throw new IllegalArgumentException(
                        "gateway.admission.redis.timeout is " + timeout + ": write 1ms to 50ms");
            }
            if (lease.toSeconds() < LEAST_LEASE || lease.toSeconds() > MOST_LEASE) {
                throw new IllegalArgumentException("gateway.admission.redis.lease is " + lease + ": write 3s to 25s");
            }
        }

        /** What becomes of calls while Redis fails. */
        public enum Unavailable {
            /** Each replica enforces its share: the limit divided by the replicas last seen. */
            SHARE("each replica enforces its share of the limits"),
            /** All are refused. */
            CLOSED("calls are refused"),
            /** All are admitted, and not counted. */
            OPEN("calls are admitted without limits");

            private final String means;

            Unavailable(String means) {
                this.means = means;
            }

            String means() {
                return means;
            }
        }
    }

    private static void within(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException("gateway.admission." + name + " is " + value + ": write 1 to " + most);
        }
    }
}
