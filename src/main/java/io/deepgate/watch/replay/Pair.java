package io.deepgate.watch.replay;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A case at both models; null where it has not been answered. */
record Pair(String id, @Nullable Result against, @Nullable Result candidate) {

    /** What the candidate changes. */
    enum Verdict {
        /** It passed, and does no longer. */
        REGRESSION,
        /** It did not pass, and does now. */
        FIXED,
        PASSES,
        /** It passes at neither. */
        FAILS,
        /** It has not been answered by both. */
        UNFINISHED
    }

    Verdict verdict() {
        if (against == null || candidate == null) {
            return Verdict.UNFINISHED;
        }
        if (against.passes()) {
            return candidate.passes() ? Verdict.PASSES : Verdict.REGRESSION;
        }
        return candidate.passes() ? Verdict.FIXED : Verdict.FAILS;
    }

    /** What the candidate's answer should be and is not, in one line. */
    String failures() {
        return candidate == null
                ? ""
                : String.join("; ", Objects.requireNonNull(candidate).failures());
    }
}
