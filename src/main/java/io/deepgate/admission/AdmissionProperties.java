package io.deepgate.admission;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How calls are let in.
 *
 * @param completionClaim the most completion tokens claimed before a call, and what is claimed while nothing is known of
 *     its tenant; 1 to 1,000,000
 * @param leastCompletionClaim the fewest claimed, however short the tenant's completions are, unless the call itself asks
 *     for fewer; 1 to {@code completionClaim}
 * @param budgetWarnings shares of a budget at which answers and meters warn, above 0 and below 1
 * @param restore how often what tenants have spent is compared with what is recorded, at least 1 s
 */
@ConfigurationProperties("gateway.admission")
public record AdmissionProperties(
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

    private static void within(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException("gateway.admission." + name + " is " + value + ": write 1 to " + most);
        }
    }
}
