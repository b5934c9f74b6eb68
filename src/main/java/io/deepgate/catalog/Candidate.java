package io.deepgate.catalog;

import io.deepgate.catalog.Parameters.Thoughts;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A model that is tried beside what an alias stands for.
 *
 * @param slug null for the alias's
 * @param upstream null for the alias's
 * @param force how it thinks, whatever the caller says; null for as the alias says
 * @param defaults how it thinks if the caller says nothing; null for as the alias says
 * @param share percent of the conversations that go to it, 0 to 100
 * @param steps instead of a share: percents, rising, of which the next is taken when the guard has held for one
 * @param stepCalls the candidate's calls that a step takes at least, 1 or more
 * @param stepTime how long a step takes at least
 * @param tenants the share for single tenants, by their id
 * @param guard what puts the share to 0
 * @param shadow which of stable's calls it is asked too, its answers never shown
 * @param round changed, the candidate begins anew after the guard has stopped it
 */
public record Candidate(
        @Nullable String slug,
        @Nullable String upstream,
        @Nullable Thoughts force,
        @Nullable Thoughts defaults,
        @DefaultValue("0") double share,
        @DefaultValue List<Double> steps,
        @DefaultValue("500") int stepCalls,
        @DefaultValue("10m") Duration stepTime,
        @DefaultValue Map<String, Double> tenants,
        @DefaultValue Limits guard,
        @DefaultValue Shadow shadow,
        @DefaultValue("1") int round) {

    public Candidate {
        check("share", share);
        steps.forEach(step -> check("steps", step));
        tenants.forEach((tenant, percent) -> check("tenants." + tenant, percent));
        for (int i = 1; i < steps.size(); i++) {
            if (steps.get(i) <= steps.get(i - 1)) {
                throw new IllegalArgumentException(
                        "steps are " + steps + ": write percents that rise, such as 1, 5, 25, 50, 100");
            }
        }
        if (share > 0 && !steps.isEmpty()) {
            throw new IllegalArgumentException("share never counts, since steps do: take one of them out");
        }
        if (stepCalls < 1) {
            throw new IllegalArgumentException("step-calls is " + stepCalls + ": write 1 or more");
        }
        if (stepTime.isNegative()) {
            throw new IllegalArgumentException("step-time is " + stepTime + ": write 0s or more");
        }
    }

    private static void check(String name, double percent) {
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException(name + " is " + percent + ": write 0 to 100, percent of conversations");
        }
    }

    /** Percent of the conversations at {@code step}, from 0. */
    double share(int step) {
        return steps.isEmpty() ? share : steps.get(step);
    }

    /** The same for {@code tenant}. */
    double share(String tenant, int step) {
        Double own = tenants.get(tenant);
        return own == null ? share(step) : own;
    }

    /** Whether there is a step after {@code step}. */
    boolean hasNext(int step) {
        return step + 1 < steps.size();
    }

    /**
     * How many shadow calls there are, of those tenants' that allow it; each replica counts its own.
     *
     * @param share percent of stable's calls, 0 to 100
     * @param usdPerDay what they may cost in a day (UTC), 0 to 1000000
     * @param tokensPerDay the tokens they may use in a day; null for as many as the money allows
     */
    public record Shadow(
            @DefaultValue("0") double share,
            @DefaultValue("1") BigDecimal usdPerDay,
            @Nullable Long tokensPerDay) {

        private static final BigDecimal MOST = BigDecimal.valueOf(1_000_000);

        public Shadow {
            check("shadow.share", share);
            if (usdPerDay.signum() < 0 || usdPerDay.compareTo(MOST) > 0) {
                throw new IllegalArgumentException("shadow.usd-per-day is " + usdPerDay + ": write 0 to " + MOST);
            }
            if (tokensPerDay != null && tokensPerDay < 0) {
                throw new IllegalArgumentException("shadow.tokens-per-day is " + tokensPerDay + ": write 0 or more");
            }
        }

        /** Nanodollars. */
        public long nanosPerDay() {
            return usdPerDay.movePointRight(9).longValue();
        }
    }

    /**
     * How much worse than stable a candidate may be, beyond what chance explains.
     *
     * @param calls the fewest of the candidate's calls that say anything, 20 or more
     * @param window the last of the candidate's calls that are looked at, beside up to four times as many of stable's, from
     *     {@code calls} to 100000
     * @param confidence of one look at one measure, above 0.5 and below 1
     * @param errors by how much the share of calls that fail may be higher, 0 to 1; 1 for whatever
     * @param incomplete the same of answers that are cut off, filtered or empty
     * @param firstToken how many times as late the first token may be, at the 95th percentile, 1 or more; 0 for whatever
     * @param cost how many times as much a call may cost, in the mean, 1 or more; 0 for whatever
     */
    public record Limits(
            @DefaultValue("200") int calls,
            @DefaultValue("5000") int window,
            @DefaultValue("0.999") double confidence,
            @DefaultValue("0.005") double errors,
            @DefaultValue("0.02") double incomplete,
            @DefaultValue("1.5") double firstToken,
            @DefaultValue("1.5") double cost) {

        private static final int FEWEST = 20;
        private static final int MOST = 100_000;

        public Limits {
            if (calls < FEWEST) {
                throw new IllegalArgumentException("guard.calls is " + calls + ": write " + FEWEST + " or more");
            }
            if (window < calls || window > MOST) {
                throw new IllegalArgumentException(
                        "guard.window is " + window + ": write from guard.calls, " + calls + ", to " + MOST);
            }
            if (!(confidence > 0.5 && confidence < 1)) {
                throw new IllegalArgumentException(
                        "guard.confidence is " + confidence + ": write above 0.5 and below 1");
            }
            checkDifference("guard.errors", errors);
            checkDifference("guard.incomplete", incomplete);
            checkRatio("guard.first-token", firstToken);
            checkRatio("guard.cost", cost);
        }

        private static void checkDifference(String name, double difference) {
            if (!(difference >= 0 && difference <= 1)) {
                throw new IllegalArgumentException(name + " is " + difference + ": write 0 to 1");
            }
        }

        private static void checkRatio(String name, double ratio) {
            if (!(ratio >= 1 && ratio <= 1000) && ratio != 0) {
                throw new IllegalArgumentException(name + " is " + ratio + ": write 1 to 1000, or 0 for whatever");
            }
        }
    }
}
