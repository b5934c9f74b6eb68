package io.deepgate.catalog;

import io.deepgate.catalog.Parameters.ForcedToolChoice;
import io.deepgate.catalog.Parameters.JsonSchema;
import io.deepgate.catalog.Parameters.Thoughts;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
        @DefaultValue Map<String, UpstreamEntry> upstreams,
        @DefaultValue Map<String, AliasEntry> aliases,
        @DefaultValue Map<String, Peak> peaks,
        @DefaultValue Map<String, List<Price.Row>> prices) {

    /** The upstream of an alias that names none. */
    static final String DEFAULT_UPSTREAM = "deepseek";

    private static final Pattern SLUG = Pattern.compile("[A-Za-z0-9._:/-]{1,128}");

    public CatalogProperties {
        checkSlug("gateway.catalog.default-slug (DEEPSEEK_MODEL_ID)", defaultSlug);
        if (!slugCheck.isZero() && slugCheck.toMillis() < 1000) {
            throw new IllegalArgumentException(
                    "gateway.catalog.slug-check is " + slugCheck + ": write 1s or more, or 0s for never");
        }
        if (!upstreams.containsKey(DEFAULT_UPSTREAM)) {
            throw new IllegalArgumentException("gateway.catalog.upstreams." + DEFAULT_UPSTREAM + " is missing");
        }
        upstreams.forEach((name, entry) -> entry.check("gateway.catalog.upstreams." + name));
        aliases.forEach((alias, entry) -> {
            String key = "gateway.catalog.aliases." + alias;
            checkSlug(key + ".slug", entry.slug());
            if (!upstreams.containsKey(entry.upstream())) {
                throw new IllegalArgumentException(key + ".upstream is '" + entry.upstream()
                        + "', which is none of gateway.catalog.upstreams: " + upstreams.keySet());
            }
        });
    }

    private static void checkSlug(String key, @Nullable String slug) {
        if (slug == null || !SLUG.matcher(slug).matches()) {
            throw new IllegalArgumentException(
                    key + " is '" + slug + "': write 1 to 128 letters, digits and . _ : / -");
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
     * @param usageWhenAsked whether it reports the usage of a stream only if it is asked to, as vLLM does
     */
    public record UpstreamEntry(
            URI baseUrl,
            @DefaultValue("") String apiKey,
            @DefaultValue("5s") Duration connectTimeout,
            @DefaultValue("10m") Duration firstContentTimeout,
            @DefaultValue("2m") Duration idleTimeout,
            @DefaultValue("0s") Duration totalTimeout,
            @DefaultValue("false") boolean usageWhenAsked) {

        private static final Duration LONGEST = Duration.ofDays(1);
        private static final Pattern KEY = Pattern.compile("[!-~]*");

        private void check(String key) {
            if (baseUrl == null || baseUrl.getHost() == null || !isHttp(baseUrl.getScheme()) || hasQuery()) {
                throw new IllegalArgumentException(
                        key + ".base-url is '" + baseUrl + "': write one that starts with https:// and has no query");
            }
            if (!KEY.matcher(apiKey.strip()).matches()) {
                throw new IllegalArgumentException(key + ".api-key: write it in printable ASCII without blanks");
            }
            check(key + ".connect-timeout", connectTimeout);
            check(key + ".first-content-timeout", firstContentTimeout);
            check(key + ".idle-timeout", idleTimeout);
            if (!totalTimeout.isZero()) {
                check(key + ".total-timeout", totalTimeout);
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

        @Override
        public String toString() {
            return "UpstreamEntry[" + baseUrl + "]";
        }
    }

    /**
     * What an alias stands for.
     *
     * @param force how the model thinks, whatever the caller says
     * @param defaults how the model thinks if the caller says nothing
     * @param maxTokens a cap on completion tokens, 1 or more; null for none
     */
    public record AliasEntry(
            String slug,
            @DefaultValue(DEFAULT_UPSTREAM) String upstream,
            @DefaultValue Thoughts force,
            @DefaultValue Thoughts defaults,
            @Nullable Integer maxTokens,
            @DefaultValue("reject") JsonSchema jsonSchema,
            @DefaultValue("disable-thinking") ForcedToolChoice forcedToolChoice) {

        public AliasEntry {
            if (maxTokens != null && maxTokens < 1) {
                throw new IllegalArgumentException("max-tokens is " + maxTokens + ": write 1 or more, or leave it out");
            }
        }

        Parameters parameters() {
            return new Parameters(force, defaults, maxTokens, jsonSchema, forcedToolChoice);
        }
    }
}
