package io.deepgate.watch;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientProperties;
import org.springframework.core.env.Environment;
import org.springframework.security.config.oauth2.client.CommonOAuth2Provider;

/** How the gateway reaches what it works with: Redis, the collector of traces, the operators' OpenID provider. */
final class Addresses {

    private static final String REDIS = "spring.data.redis.";
    private static final String COLLECTOR = "management.opentelemetry.tracing.export.otlp.endpoint";
    private static final String OIDC = "spring.security.oauth2.client";

    private final Environment environment;
    private final List<String> all = new ArrayList<>();

    private Addresses(Environment environment) {
        this.environment = environment;
    }

    /** A sentence about each property that is wrong; no URL of Redis is in it, since a password may be. */
    static List<String> mistakes(Environment environment) {
        Addresses addresses = new Addresses(environment);
        if (environment.getProperty("gateway.admission.store", "").equalsIgnoreCase("redis")) {
            addresses.redis();
        }
        String collector = environment.getProperty(COLLECTOR);
        if (collector != null && !isWeb(collector)) {
            addresses.all.add(COLLECTOR + " is '" + collector + "': write one such as http://collector:4318/v1/traces");
        }
        addresses.openId(Binder.get(environment).bindOrCreate(OIDC, OAuth2ClientProperties.class));
        return addresses.all;
    }

    private void redis() {
        String url = environment.getProperty(REDIS + "url");
        if (url != null) {
            URI uri = uri(url);
            if (uri == null || !Set.of("redis", "rediss").contains(String.valueOf(uri.getScheme())) || !hasHost(uri)) {
                all.add(REDIS + "url is no URL of Redis: write one such as redis://redis.example:6379");
            }
        } else {
            String host = environment.getProperty(REDIS + "host", "localhost");
            if (host.isBlank() || uri("redis://" + host) == null) {
                all.add(REDIS + "host is '" + host + "': write a name or an address");
            }
            Ports.check(REDIS + "port", environment.getProperty(REDIS + "port", Integer.class, 6379), 1, all);
        }
        if (environment.getProperty(REDIS + "database", Integer.class, 0) < 0) {
            all.add(REDIS + "database is below 0: write 0, or another that Redis has");
        }
        List.of("cluster", "sentinel", "masterreplica").forEach(this::nodes);
        if (!environment.getProperty(REDIS + "client-type", "lettuce").equalsIgnoreCase("lettuce")) {
            all.add(REDIS + "client-type is not lettuce, which is the only one here: leave it out");
        }
    }

    private void nodes(String kind) {
        String property = REDIS + kind + ".nodes";
        List<String> nodes = Binder.get(environment)
                .bind(property, Bindable.listOf(String.class))
                .orElse(List.of());
        nodes.stream()
                .filter(node -> !node.matches(".+:\\d{1,5}"))
                .forEach(node -> all.add(property + " has '" + node + "': write each as host:port"));
        if (nodes.isEmpty() && kind.equals("sentinel") && environment.containsProperty(REDIS + "sentinel.master")) {
            all.add(REDIS + "sentinel.master has no " + property + ": write each sentinel's host:port there");
        }
    }

    private void openId(OAuth2ClientProperties openId) {
        Set<String> providers = openId.getProvider().keySet();
        openId.getRegistration().forEach((id, registration) -> {
            String provider = registration.getProvider() == null ? id : registration.getProvider();
            if (!providers.contains(provider) && !isCommon(provider)) {
                all.add(OIDC + ".registration." + id + " has the provider '" + provider + "', which is none of " + OIDC
                        + ".provider: " + providers);
            }
        });
        openId.getProvider().forEach((id, provider) -> {
            if (provider.getIssuerUri() != null && !isWeb(provider.getIssuerUri())) {
                all.add(OIDC + ".provider." + id + ".issuer-uri is '" + provider.getIssuerUri()
                        + "': write one such as https://sso.example.com");
            }
        });
    }

    private static boolean isCommon(String provider) {
        return List.of(CommonOAuth2Provider.values()).stream()
                .anyMatch(common -> common.name().equalsIgnoreCase(provider));
    }

    private static boolean isWeb(String url) {
        URI uri = uri(url);
        return uri != null && Set.of("http", "https").contains(String.valueOf(uri.getScheme())) && hasHost(uri);
    }

    private static boolean hasHost(URI uri) {
        return uri.getHost() != null && uri.getPort() <= Ports.LAST;
    }

    private static @Nullable URI uri(String text) {
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
