package io.deepgate.watch;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.ssl.SslProperties;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.WebServerSslBundle;
import org.springframework.core.NestedExceptionUtils;

/** Certificates and keys as they are used: whether servers can be made of them, and how long they hold. */
final class TlsBundles {

    private final SslBundles bundles;
    private final Map<String, SslBundle> used = new TreeMap<>();

    /** @throws IllegalArgumentException if a bundle cannot be used, with a sentence */
    TlsBundles(SslBundles bundles, SslProperties properties) {
        this.bundles = bundles;
        use("pem", properties.getBundle().getPem().keySet());
        use("jks", properties.getBundle().getJks().keySet());
    }

    private void use(String kind, Set<String> names) {
        for (String name : names) {
            String property = "spring.ssl.bundle." + kind + "." + name;
            try {
                SslBundle bundle = bundles.getBundle(name);
                bundle.createSslContext();
                used.put(property, bundle);
            } catch (RuntimeException e) {
                throw unusable(property, e);
            }
        }
    }

    /**
     * Makes the server that {@code property} describes, which listens nowhere.
     *
     * @throws IllegalArgumentException if that is impossible, with a sentence
     */
    void requireServer(String property, @Nullable Ssl ssl) {
        if (ssl == null || !ssl.isEnabled()) {
            return;
        }
        try {
            NettyReactiveWebServerFactory server = new NettyReactiveWebServerFactory();
            server.setSsl(ssl);
            server.setSslBundles(bundles);
            server.getWebServer((request, response) -> response.setComplete());
            if (ssl.getBundle() == null) {
                used.put(property, WebServerSslBundle.get(ssl, bundles));
            }
        } catch (RuntimeException e) {
            throw unusable(property, e);
        }
    }

    private static IllegalArgumentException unusable(String property, RuntimeException failure) {
        return new IllegalArgumentException(property + " cannot be used for TLS: "
                + NestedExceptionUtils.getMostSpecificCause(failure).getMessage()
                + ". Write a certificate and its private key, or a key store and its password");
    }

    /** A sentence about each certificate that does not hold now. */
    List<String> ended(Instant now) {
        List<String> all = new ArrayList<>();
        used.forEach((property, bundle) -> {
            ended(property, bundle.getStores().getKeyStore(), now, all);
            ended(property, bundle.getStores().getTrustStore(), now, all);
        });
        return all;
    }

    private static void ended(String property, @Nullable KeyStore store, Instant now, List<String> all) {
        if (store == null) {
            return;
        }
        try {
            for (String alias : Collections.list(store.aliases())) {
                if (store.getCertificate(alias) instanceof X509Certificate certificate
                        && !(certificate.getNotBefore().toInstant().isBefore(now)
                                && certificate.getNotAfter().toInstant().isAfter(now))) {
                    all.add(property + " has a certificate of " + certificate.getSubjectX500Principal()
                            + " that holds from " + certificate.getNotBefore().toInstant() + " to "
                            + certificate.getNotAfter().toInstant()
                            + ", which callers refuse: write one that holds now");
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(property + " cannot be read: " + e.getMessage(), e);
        }
    }
}
