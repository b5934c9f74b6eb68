package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Overheard;
import io.deepgate.PostgresServer;
import io.deepgate.sandbox.Sandbox;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A gateway whose database is not there. */
@ExtendWith(PostgresServer.class)
class AbsentDatabaseTests {

    private static final String TENANTS = """
            tenants:
              - { id: search, keys: [{ id: %s, sha256: %s }], budget: { usd-per-month: 1 } }
            """.formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex());

    private static final String HI = """
            {"model":"deepseek-flash","messages":[{"role":"user","content":"%s"}]}""".formatted(Overheard.CANARY);

    @TempDir
    private Path directory;

    @Test
    void startsServesAndCatchesUp() {
        String database = PostgresServer.newDatabase();
        PostgresServer.kill();
        long cost = 0;
        try (Sandbox sandbox = Callers.answerer();
                Gateway gateway = Gateway.with(
                        TENANTS,
                        sandbox.baseUrl(),
                        "spring.datasource.url=" + database,
                        "gateway.usage.directory=" + directory,
                        "spring.datasource.hikari.connection-timeout=300",
                        "gateway.admission.restore=1s")) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                assertThat(gateway.chat(HI).statusCode()).isEqualTo(200);
                CallRecord call = gateway.record();
                ids.add(call.requestId());
                cost += call.cost();
            }
            assertThat(status(gateway, "/actuator/health/liveness")).isEqualTo(200);
            assertThat(status(gateway, "/actuator/health/readiness")).isEqualTo(200);
            assertThat(status(gateway, "/usage")).isEqualTo(503);
            assertThat(gateway.send(gateway.request("/usage", Gateway.SEARCH).build())
                            .statusCode())
                    .isEqualTo(503);

            PostgresServer.start();
            try (Ledgers ledgers = new Ledgers(database)) {
                AtRest.within(Duration.ofSeconds(30), () -> ledgers.calls() == ids.size());
                assertThat(ledgers.requestIds())
                        .containsExactlyElementsOf(ids.stream().sorted().toList());
            }
            AtRest.assertThatSpendAgrees(gateway, "search", cost);
            assertThat(status(gateway, "/usage")).isEqualTo(200);
        }
    }

    private static int status(Gateway gateway, String path) {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + path);
        return gateway.send(HttpRequest.newBuilder(uri).build()).statusCode();
    }
}
