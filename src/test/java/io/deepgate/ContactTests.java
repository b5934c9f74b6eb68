package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** A refused caller is told what to do and whom to ask. */
class ContactTests {

    private static final String ASK = " If you need help, ask the platform team in #llm.\"";

    @Test
    void isNamedWhereACallerMayNeedHelp() {
        String limited = "tenants: [{ id: search, limits: { requests-per-minute: 1 }, keys: [{ id: %s, sha256: %s }] }]"
                .formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex());
        try (RawUpstream upstream = RawUpstream.start()
                        .answers("HTTP/1.1 401 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
                Gateway gateway = Gateway.with(
                        limited,
                        upstream.baseUrl(),
                        "gateway.catalog.unknown-models=reject",
                        "gateway.api.contact=the platform team in #llm")) {
            HttpResponse<String> unknown =
                    gateway.send(HttpRequest.newBuilder(gateway.baseUrl()).build());
            assertThat(unknown.statusCode()).isEqualTo(401);
            assertThat(unknown.body()).contains(ASK);
            assertThat(gateway.chat("{\"model\":\"gpt-9\"}").body()).contains("model_not_found", ASK);
            assertThat(gateway.chat("{\"model\":\"deepseek-flash\"}").body()).contains("upstream_authentication", ASK);
            assertThat(gateway.chat("{\"model\":\"deepseek-flash\"}").body()).contains("rate_limit_exceeded", ASK);
            assertThat(gateway.send(gateway.request("/embeddings", Gateway.SEARCH)
                                    .POST(BodyPublishers.noBody())
                                    .build())
                            .body())
                    .contains("not_found", ASK);
        }
    }
}
