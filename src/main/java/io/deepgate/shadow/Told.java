package io.deepgate.shadow;

import io.deepgate.relay.Finish;
import io.deepgate.relay.TokenUsage;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a model answered, in figures.
 *
 * @param finish how the answer ended, null if it did not or the upstream did not say it
 * @param cost nanodollars, null if the slug has no price
 * @param firstToken from the start to the first content of a stream, else null
 */
public record Told(
        @Nullable Finish finish,
        TokenUsage tokens,
        @Nullable Long cost,
        Duration duration,
        @Nullable Duration firstToken) {}
