package io.deepgate.catalog;

import io.deepgate.api.Parameter;
import io.deepgate.catalog.Parameters.ForcedToolChoice;
import io.deepgate.catalog.Parameters.JsonSchema;
import io.deepgate.catalog.Parameters.Thoughts;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What models are called here and at the upstream.
 *
 * @param defaultSlug the slug that serves every model that no alias names
 * @param unknownModels what happens to a model that no alias names
 * @param userId what becomes of DeepSeek's {@code user_id}
 * @param unlistedSlugs what happens at start if an upstream does not list a configured slug
 * @param slugCheck how often the upstreams' lists of models are read, at least 1 s; 0 for never
 * @param reload how often the configuration is compared with what was read, at least 100 ms
 * @param upstreams provider endpoints by name
 * @param aliases what callers may call a model, and what becomes of it; a {@code *} at the end stands for any ending
 * @param peaks times when tokens cost more, by a name that prices refer to
 * @param prices what tokens cost by slug, each row from some moment on
 */
@ConfigurationProperties("gateway.catalog")
public record CatalogProperties(
        @DefaultValue("deepseek-flash") String defaultSlug,
        @DefaultValue("default-slug") UnknownModels unknownModels,
        @DefaultValue("per-tenant") UserIds userId,
        @DefaultValue("warn") UnlistedSlugs unlistedSlugs,
        @DefaultValue("5m") Duration slugCheck,
        @DefaultValue("1s") Duration reload,
        @DefaultValue Map<String, UpstreamEntry> upstreams,
        @DefaultValue Map<String, AliasEntry> aliases,
        @DefaultValue Map<String, Peak> peaks,
        @DefaultValue Map<String, List<Price.Row>> prices) {

    /** The upstream of an alias that names none. */
    static final String DEFAULT_UPSTREAM = "deepseek";

    /** Nothing that a spreadsheet takes for a formula: slugs are in exports. */
    private static final Pattern SLUG = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}");

    public CatalogProperties {
        checkSlug("gateway.catalog.default-slug (DEEPSEEK_MODEL_ID)", defaultSlug);
        if (!slugCheck.isZero() && slugCheck.toMillis() < 1000) {
            throw new IllegalArgumentException(
                    "gateway.catalog.slug-check is " + slugCheck + ": write 1s or more, or 0s for never");
        }
        if (reload.toMillis() < 100) {
            throw new IllegalArgumentException("gateway.catalog.reload is " + reload + ": write 100ms or more");
        }
        if (!upstreams.containsKey(DEFAULT_UPSTREAM)) {
            throw new IllegalArgumentException("gateway.catalog.upstreams." + DEFAULT_UPSTREAM + " is missing");
        }
        upstreams.forEach((name, entry) -> entry.check("gateway.catalog.upstreams." + name));
        aliases.forEach((alias, entry) -> {
            String key = "gateway.catalog.aliases." + alias;
            if (entry.routes().isEmpty()) {
                checkRoute(key, entry.slug(), entry.upstream(), upstreams);
            }
            for (int i = 0; i < entry.routes().size(); i++) {
                RouteEntry route = entry.routes().get(i);
                checkRoute(key + ".routes[" + i + "]", entry.slug(route), entry.upstream(route), upstreams);
            }
            checkWeights(key + ".routes all have the weight 0", entry.routes(), RouteEntry::weight);
            entry.routes().stream()
                    .flatMap(route -> route.tenants().keySet().stream())
                    .forEach(tenant -> checkWeights(
                            key + ".routes all have the weight 0 for the tenant '" + tenant + "'",
                            entry.routes(),
                            route -> route.tenants().getOrDefault(tenant, route.weight())));
            if (entry.candidate() != null) {
                checkCandidate(key + ".candidate", entry, entry.candidate(), upstreams);
            }
        });
    }

    private static void checkWeights(String nowhere, List<RouteEntry> routes, ToIntFunction<RouteEntry> weight) {
        if (!routes.isEmpty() && routes.stream().mapToInt(weight).allMatch(one -> one == 0)) {
            throw new IllegalArgumentException(nowhere + ", so no call could go anywhere: write 1 or more for one");
        }
    }

    private static void checkCandidate(
            String key, AliasEntry entry, Candidate candidate, Map<String, UpstreamEntry> upstreams) {
        String slug = entry.slug(candidate);
        String upstream = entry.upstream(candidate);
        checkRoute(key, slug, upstream, upstreams);
        for (RouteEntry route : entry.allRoutes()) {
            if (upstream.equals(entry.upstream(route)) && Objects.equals(slug, entry.slug(route))) {
                throw new IllegalArgumentException(key + " is '" + slug + "' at '" + upstream
                        + "', which is what the alias stands for already: write another slug or upstream");
            }
        }
    }

    private static void checkRoute(
            String key, @Nullable String slug, String upstream, Map<String, UpstreamEntry> upstreams) {
        checkSlug(key + ".slug", slug);
        if (!upstreams.containsKey(upstream)) {
            throw new IllegalArgumentException(key + ".upstream is '" + upstream
                    + "', which is none of gateway.catalog.upstreams: " + upstreams.keySet());
        }
    }

    private static void checkSlug(String key, @Nullable String slug) {
        if (slug == null || !SLUG.matcher(slug).matches()) {
            throw new IllegalArgumentException(
                    key + " is '" + slug + "': write 1 to 128 letters, digits and . _ : / -, no sign first");
        }
    }

    /** What happens to a model that no alias names. */
    public enum UnknownModels {
        /** The default slug serves it. */
        DEFAULT_SLUG,
        /** It is answered 404. */
        REJECT
    }

    /** What becomes of {@code user_id}. */
    public enum UserIds {
        /** One per tenant, and per caller's {@code user_id} within it. */
        PER_TENANT,
        /** It is sent as the caller sent it, if it did. */
        PASS
    }

    /** What happens at start if an upstream does not list a configured slug. */
    public enum UnlistedSlugs {
        /** The log warns, health and a meter show it. */
        WARN,
        /** The gateway does not start. */
        REFUSE
    }

    /**
     * An upstream; its name is the key it stands under. All durations are 1 ms to 1 day, the total timeout also 0.
     *
     * @param baseUrl where it is; a slash at the end is the same as none
     * @param apiKey our key there
     * @param apiKeys further keys, used in this order where one is refused
     * @param apiKeysFile a file with keys, one a line, preferred to the others and read again within a second when it changes
     * @param concurrency calls it takes at once, by slug, 1 or more each; {@code gateway.forward.max-connections} for others
     * @param usageWhenAsked whether it reports the usage of a stream only if it is asked to, as vLLM does
     * @param sendTrace whether its requests say which trace they belong to ({@code traceparent}), where calls are traced
     * @param ignores what of requests it does not heed, temperature and the like while the model thinks; null for what DeepSeek
     *     does not
     */
    public record UpstreamEntry(
            URI baseUrl,
            @DefaultValue("") String apiKey,
            @DefaultValue List<String> apiKeys,
            @Nullable Path apiKeysFile,
            @DefaultValue Map<String, Integer> concurrency,
            @DefaultValue("5s") Duration connectTimeout,
            @DefaultValue("10m") Duration firstContentTimeout,
            @DefaultValue("2m") Duration idleTimeout,
            @DefaultValue("0s") Duration totalTimeout,
            @DefaultValue("false") boolean usageWhenAsked,
            @DefaultValue("false") boolean sendTrace,

            @Nullable Set<Parameter> ignores) {

        private static final Duration LONGEST = Duration.ofDays(1);

        private void check(String key) {
            if (baseUrl == null || baseUrl.getHost() == null || !isHttp(baseUrl.getScheme()) || hasQuery()) {
                throw new IllegalArgumentException(
                        key + ".base-url is '" + baseUrl + "': write one that starts with https:// and has no query");
            }
            checkKey(key + ".api-key", apiKey);
            apiKeys.forEach(one -> checkKey(key + ".api-keys", one));
            concurrency.forEach((slug, calls) -> {
                if (calls < 1) {
                    throw new IllegalArgumentException(
                            key + ".concurrency." + slug + " is " + calls + ": write 1 or more");
                }
            });
            check(key + ".connect-timeout", connectTimeout);
            check(key + ".first-content-timeout", firstContentTimeout);
            check(key + ".idle-timeout", idleTimeout);
            if (!totalTimeout.isZero()) {
                check(key + ".total-timeout", totalTimeout);
            }
        }

        private static void checkKey(String property, String key) {
            if (!key.isBlank() && !UpstreamKeys.isKey(key.strip())) {
                throw new IllegalArgumentException(property + ": write it in printable ASCII without blanks");
            }
        }

        private static boolean isHttp(@Nullable String scheme) {
            return "https".equals(scheme) || "http".equals(scheme);
        }

        private boolean hasQuery() {
            return baseUrl.getRawQuery() != null || baseUrl.getRawFragment() != null;
        }

        private static void check(String key, Duration duration) {
            if (duration.compareTo(Duration.ofMillis(1)) < 0 || duration.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException(key + " is " + duration + ": write 1ms to 1d");
            }
        }

        /** All that are configured here, the preferred first. */
        List<String> keys() {
            List<String> keys = new ArrayList<>(apiKeys.size() + 1);
            keys.add(apiKey);
            keys.addAll(apiKeys);
            return keys;
        }

        @Override
        public String toString() {
            return "UpstreamEntry[" + baseUrl + "]";
        }
    }

    /**
     * What an alias stands for.
     *
     * @param slug what the upstream calls the model; may be left out where each of the routes says it
     * @param upstream where it is, also for routes that do not say it
     * @param routes where its calls may go; none for the slug and upstream alone
     * @param force how the model thinks, whatever the caller says
     * @param defaults how the model thinks if the caller says nothing
     * @param maxTokens a cap on completion tokens, 1 or more; null for none
     * @param stickyHeader the header that tells conversations apart, before the caller's {@code user_id}; null for none
     * @param candidate what is tried beside it; null for nothing
     */
    public record AliasEntry(
            @Nullable String slug,
            @DefaultValue(DEFAULT_UPSTREAM) String upstream,
            @DefaultValue List<RouteEntry> routes,
            @DefaultValue Thoughts force,
            @DefaultValue Thoughts defaults,
            @Nullable Integer maxTokens,
            @DefaultValue("reject") JsonSchema jsonSchema,
            @DefaultValue("disable-thinking") ForcedToolChoice forcedToolChoice,
            @Nullable String stickyHeader,
            @Nullable Candidate candidate) {

        public AliasEntry {
            if (maxTokens != null && maxTokens < 1) {
                throw new IllegalArgumentException("max-tokens is " + maxTokens + ": write 1 or more, or leave it out");
            }
        }

        @Nullable
        String slug(RouteEntry route) {
            return route.slug() == null ? slug : route.slug();
        }

        String upstream(RouteEntry route) {
            return route.upstream() == null ? upstream : route.upstream();
        }

        @Nullable
        String slug(Candidate candidate) {
            return candidate.slug() == null ? slug : candidate.slug();
        }

        String upstream(Candidate candidate) {
            return candidate.upstream() == null ? upstream : candidate.upstream();
        }

        /** The routes; where none is given, the one to the slug and upstream. */
        List<RouteEntry> allRoutes() {
            return routes.isEmpty() ? List.of(RouteEntry.ONLY) : routes;
        }

        Parameters parameters() {
            return new Parameters(force, defaults, maxTokens, jsonSchema, forcedToolChoice);
        }

        Parameters parameters(Candidate candidate) {
            return new Parameters(
                    candidate.force() == null ? force : candidate.force(),
                    candidate.defaults() == null ? defaults : candidate.defaults(),
                    maxTokens,
                    jsonSchema,
                    forcedToolChoice);
        }
    }
}
