package io.deepgate.watch;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.boot.autoconfigure.ssl.SslProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.io.ApplicationResourceLoader;
import org.springframework.core.env.Environment;

/** The files of certificates and keys, and the bundles of them that are named. */
final class TlsFiles {

    private static final String BUNDLES = "spring.ssl.bundle";
    private static final List<String> USERS =
            List.of("server.ssl.bundle", "management.server.ssl.bundle", "spring.data.redis.ssl.bundle");
    private static final List<String> OF_SERVERS = List.of(
            "certificate",
            "certificate-private-key",
            "trust-certificate",
            "trust-certificate-private-key",
            "key-store",
            "trust-store");
    private static final List<String> OF_PEM =
            List.of("keystore.certificate", "keystore.private-key", "truststore.certificate", "truststore.private-key");
    private static final List<String> OF_JKS = List.of("keystore.location", "truststore.location");

    private final Environment environment;
    private final List<String> all = new ArrayList<>();

    private TlsFiles(Environment environment) {
        this.environment = environment;
    }

    /** A sentence about each property that is wrong. */
    static List<String> mistakes(Environment environment) {
        TlsFiles files = new TlsFiles(environment);
        files.look("server.ssl.", OF_SERVERS);
        files.look("management.server.ssl.", OF_SERVERS);
        SslProperties.Bundles bundles = Binder.get(environment)
                .bindOrCreate("spring.ssl", SslProperties.class)
                .getBundle();
        bundles.getPem().keySet().forEach(name -> files.look(BUNDLES + ".pem." + name + ".", OF_PEM));
        bundles.getJks().keySet().forEach(name -> files.look(BUNDLES + ".jks." + name + ".", OF_JKS));
        Set<String> names = new TreeSet<>(bundles.getPem().keySet());
        names.addAll(bundles.getJks().keySet());
        USERS.forEach(user -> files.named(user, names));
        return files.all;
    }

    private void look(String prefix, List<String> properties) {
        for (String property : properties) {
            String location = environment.getProperty(prefix + property, "");
            // A certificate may also stand in the configuration itself.
            if (!location.isBlank()
                    && !location.contains("-----BEGIN")
                    && !ApplicationResourceLoader.get().getResource(location).isReadable()) {
                all.add(prefix + property + " is '" + location
                        + "', which is no file that this process can read: write the path of one");
            }
        }
    }

    private void named(String user, Set<String> names) {
        String name = environment.getProperty(user, "");
        if (!name.isBlank() && !names.contains(name)) {
            all.add(user + " is '" + name + "', which is none of " + BUNDLES + ": " + names);
        }
    }
}
