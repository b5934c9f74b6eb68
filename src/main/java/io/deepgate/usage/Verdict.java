package io.deepgate.usage;

import io.deepgate.catalog.Candidate.Limits;
import io.deepgate.catalog.Heed;
import io.deepgate.usage.RolloutReport.Cost;
import io.deepgate.usage.RolloutReport.TenantLengths;
import io.deepgate.usage.RolloutReport.Unheeded;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One sentence on whether to move, with its reasons. */
public record Verdict(Advice advice, String sentence) {

    public enum Advice {
        /** The candidate is worse. */
        STAY,
        /** Too few calls tell. */
        WAIT,
        /** It is not worse, but some tenants would be refused or are not heeded. */
        ASK,
        /** Nothing speaks against it. */
        GO_ON
    }

    /** @param stopped why the guard has stopped the candidate; null if it has not */
    static Verdict of(
            @Nullable String stopped,
            Side stable,
            Side candidate,
            Limits limits,
            List<TenantLengths> lengths,
            List<Unheeded> parameters,
            Cost all) {
        if (stopped != null) {
            return new Verdict(
                    Advice.STAY, "Stay with stable: the guard has stopped the candidate, since " + stopped + ".");
        }
        Guard.Finding finding = Guard.finding(stable, candidate, limits);
        if (finding != null) {
            return new Verdict(Advice.STAY, "Stay with stable: " + finding.sentence() + ".");
        }
        if (!Guard.knows(stable, candidate, limits)) {
            return new Verdict(
                    Advice.WAIT,
                    "Wait: the candidate has had %d calls and stable %d beside them, of the %d each that say anything."
                            .formatted(candidate.calls(), stable.calls(), limits.calls()));
        }
        List<String> concerns = concerns(lengths, parameters);
        String held = "in %d calls beside %d of stable's the candidate is worse at nothing that the guard looks at%s"
                .formatted(candidate.calls(), stable.calls(), cost(all));
        return concerns.isEmpty()
                ? new Verdict(Advice.GO_ON, "Go on: " + held + ", and no tenant would be refused or heeded less.")
                : new Verdict(Advice.ASK, "Ask first: " + held + ", but " + String.join(", and ", concerns) + ".");
    }

    private static List<String> concerns(List<TenantLengths> lengths, List<Unheeded> parameters) {
        List<String> concerns = new ArrayList<>();
        List<String> overflowing = lengths.stream()
                .filter(tenant -> tenant.overflowing() != null && tenant.overflowing() > 0)
                .map(TenantLengths::tenant)
                .toList();
        if (!overflowing.isEmpty()) {
            concerns.add("contexts of " + names(overflowing) + " may not fit");
        }
        for (Heed heed : List.of(Heed.REJECTED, Heed.IGNORED, Heed.CHANGED)) {
            String fate = heed.label();
            List<String> tenants = parameters.stream()
                    .filter(one -> one.candidate().equals(fate) && !one.stable().equals(fate))
                    .map(one -> one.tenant() + " (" + one.parameter() + ")")
                    .distinct()
                    .toList();
            if (!tenants.isEmpty()) {
                concerns.add("parameters of " + names(tenants) + " would be " + fate);
            }
        }
        return concerns;
    }

    private static String names(List<String> all) {
        int shown = 3;
        return all.size() <= shown
                ? String.join(", ", all)
                : String.join(", ", all.subList(0, shown)) + " and " + (all.size() - shown) + " more";
    }

    private static String cost(Cost all) {
        BigDecimal stable = all.stableUsd();
        BigDecimal candidate = all.candidateAsItWritesUsd() == null ? all.candidateUsd() : all.candidateAsItWritesUsd();
        if (stable == null || candidate == null || stable.signum() == 0) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                ", last month would have cost %.2f USD instead of %.2f",
                candidate.doubleValue(),
                stable.doubleValue());
    }
}
