package io.deepgate.watch;

import io.deepgate.access.LocalTenant;
import io.deepgate.catalog.CatalogProperties;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;

/** Tells whoever started the gateway to try things out how to call it. */
final class Greeting {

    private static final Logger log = LoggerFactory.getLogger(Greeting.class);

    private final Environment environment;
    private final @Nullable InetAddress address;
    private final LocalTenant local;
    private final String model;

    Greeting(Environment environment, ServerProperties server, LocalTenant local, CatalogProperties catalog) {
        this.environment = environment;
        this.address = server.getAddress();
        this.local = local;
        this.model = catalog.defaultSlug();
    }

    @EventListener(ApplicationReadyEvent.class)
    void print() {
        if (address == null || !address.isLoopbackAddress()) {
            log.warn(
                    "The local tenant's key works from other machines too: the gateway does not listen on loopback only");
        }
        String base = "http://127.0.0.1:" + environment.getProperty("local.server.port") + "/v1";
        System.out.printf(
                """

                Deepgate is ready.

                  base URL  %s
                  API key   %s
                  metrics   http://127.0.0.1:%s/actuator/prometheus

                Try it:

                curl -N %s/chat/completions -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' \\
                  -d '{"model": "%s", "stream": true, "messages": [{"role": "user", "content": "Hello!"}]}'

                %n""",
                base,
                local.key().value(),
                environment.getProperty("local.management.port"),
                base,
                local.key().value(),
                model);
    }
}
