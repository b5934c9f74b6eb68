package io.deepgate.catalog;

import io.deepgate.api.Parameter;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * A provider endpoint, with the four times a call may wait for it.
 *
 * @param name its name in configuration, logs and meters
 * @param baseUrl where it is, without a slash at the end
 * @param concurrency how many calls it takes at once, by slug; what it says when it refuses one counts, too
 * @param connectTimeout until a connection stands
 * @param firstContentTimeout from the request to the first content; comments and blank lines are none
 * @param idleTimeout between two pieces of content
 * @param totalTimeout of the whole call, zero for no bound
 * @param usageWhenAsked whether it reports the usage of a stream only if {@code stream_options} ask for it
 * @param sendTrace whether its requests say which trace they belong to
 * @param ignores what of requests it does not heed, some of it only while the model thinks
 */
public record Upstream(
        String name,
        URI baseUrl,
        UpstreamKeys keys,
        Map<String, Integer> concurrency,
        Duration connectTimeout,
        Duration firstContentTimeout,
        Duration idleTimeout,
        Duration totalTimeout,
        boolean usageWhenAsked,
        boolean sendTrace,
        Set<Parameter> ignores) {}
