package io.deepgate.usage;

import io.deepgate.catalog.Candidate.Limits;
import io.deepgate.catalog.Variant;

/**
 * The last calls of both sides of a rollout, from the same time: with each call of the candidate's, up to so many of stable's
 * are taken in, so that an hour in which the provider was slow weighs on both.
 */
final class Comparison {

    private static final int STABLE_PER_CANDIDATE = 4;

    private final Window stable;
    private final Window candidate;
    private int wanted;

    Comparison(Limits limits) {
        stable = new Window(STABLE_PER_CANDIDATE * limits.window());
        candidate = new Window(limits.window());
    }

    synchronized void add(CallRecord call) {
        if (!Window.counts(call)) {
            return;
        }
        if (call.variant() == Variant.CANDIDATE) {
            candidate.add(call);
            wanted = STABLE_PER_CANDIDATE;
        } else if (wanted > 0) {
            stable.add(call);
            wanted--;
        }
    }

    /** The candidate's since ever. */
    synchronized long calls() {
        return candidate.calls();
    }

    synchronized Side stable() {
        return stable.side();
    }

    synchronized Side candidate() {
        return candidate.side();
    }
}
