package io.deepgate.usage;

import io.deepgate.catalog.Canary;
import io.deepgate.catalog.Candidate.Limits;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Looks at one candidate beside stable as their calls end; stops it, or lets it go on a step. */
final class CanaryWatch {

    private static final int LOOKS_PER_WINDOW = 50;

    private final Limits limits;
    private final int every;
    private final Comparison comparison;
    private long looked;
    private int step;
    private long stepFrom;
    private Instant stepBegan;

    CanaryWatch(Canary canary, Instant now) {
        limits = canary.candidate().guard();
        every = Math.max(1, limits.window() / LOOKS_PER_WINDOW);
        looked = (long) limits.calls() - every;
        comparison = new Comparison(limits);
        step = canary.step();
        stepBegan = now;
    }

    /** Whether this was made for other limits. */
    boolean outdated(Canary canary) {
        return !limits.equals(canary.candidate().guard());
    }

    void add(CallRecord call) {
        comparison.add(call);
    }

    /**
     * Looks, if there are enough new calls: each look may be wrong by chance.
     *
     * @return why the candidate has been stopped now, null if it has not
     */
    Guard.@Nullable Finding look(Canary canary, Instant now) {
        if (canary.stopped()) {
            return null;
        }
        long calls = comparison.calls();
        if (canary.step() != step) {
            begin(canary.step(), calls, now);
        }
        boolean over = canary.hasNextStep()
                && calls - stepFrom >= canary.candidate().stepCalls()
                && !now.isBefore(stepBegan.plus(canary.candidate().stepTime()));
        if (!over && calls - looked < every) {
            return null;
        }
        looked = calls;
        Side stable = comparison.stable();
        Side candidate = comparison.candidate();
        Guard.Finding finding = Guard.finding(stable, candidate, limits);
        if (finding != null) {
            canary.stop(finding.sentence());
        } else if (over && Guard.knows(stable, candidate, limits)) {
            canary.reach(step + 1);
            begin(step + 1, calls, now);
        }
        return finding;
    }

    private void begin(int step, long calls, Instant now) {
        this.step = step;
        stepFrom = calls;
        stepBegan = now;
    }
}
