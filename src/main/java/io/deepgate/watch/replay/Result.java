package io.deepgate.watch.replay;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a case at a model: a line of the results' file.
 *
 * @param digest the case's
 * @param millis how long the answer took
 * @param cost nanodollars; null if the model's price is not known
 * @param failures what the answer should be and is not; none if it passes
 * @param answer what the model said, null unless answers are kept
 */
record Result(
        String id,
        String digest,
        String model,
        int status,
        @Nullable String finish,
        long millis,
        long cached,
        long uncached,
        long output,
        @Nullable Long cost,
        List<String> failures,
        @Nullable String answer) {

    boolean passes() {
        return failures.isEmpty();
    }
}
