package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A refused caller is told what to do and whom to ask. */
class ContactTests {

    private static final String ASK = " If you need help, ask the platform team in #llm.\"";
    private static final String TENANTS =
            """
            tenants:
              - { id: search, keys: [{ id: %s, sha256: %s }] }
              - { id: mail, limits: { requests-per-minute: 1 }, keys: [{ id: %s, sha256: %s }] }
            """.formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex(), Gateway.MAIL.id(), Gateway.MAIL.sha256Hex());

    private static RawUpstream upstream;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.start();
        gateway = Gateway.with(
                TENANTS,
                upstream.baseUrl(),
                "gateway.catalog.unknown-models=reject",
                "gateway.api.contact=the platform team in #llm",
                "resilience4j.circuitbreaker.instances.[deepseek/deepseek-v4-pro].base-config=default",
                "resilience4j.circuitbreaker.instances.[deepseek/deepseek-v4-pro].minimum-number-of-calls=1",
                "gateway.catalog.upstreams.nowhere.base-url=http://127.0.0.1:1",
                "gateway.catalog.upstreams.nowhere.api-key=sk-nowhere",
                "gateway.catalog.aliases.nowhere.slug=nothing",
                "gateway.catalog.aliases.nowhere.upstream=nowhere");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
    }

    @Test
    void isNamedToWhoHasNoKey() {
        HttpResponse<String> unknown =
                gateway.send(HttpRequest.newBuilder(gateway.baseUrl()).build());

        says(unknown, 401, "Send a valid one as ");
    }

    @Test
    void isNamedToWhoAsksForAnotherModelOrPath() {
        says(gateway.chat("{\"model\":\"gpt-9\"}"), 404, "GET /v1/models lists yours.");
        HttpRequest embeddings = gateway.request("/embeddings", Gateway.SEARCH)
                .POST(BodyPublishers.noBody())
                .build();
        says(gateway.send(embeddings), 404, "Served are: POST /v1/chat/completions");
    }

    @Test
    void isNamedToWhoIsLimited() {
        answers("500 No");
        says(mail(), 502, "Try again later.");
        says(mail(), 429, "Try again after the time that retry-after gives.");
        answers("429 No");
        says(gateway.chat("{\"model\":\"deepseek-flash\"}"), 429, "Try again after the time that retry-after gives.");
    }

    @Test
    void isNamedToWhoIsNotServed() {
        answers("401 No");
        says(gateway.chat("{\"model\":\"deepseek-flash\"}"), 503, "Tell its operators.");
        answers("402 No");
        says(gateway.chat("{\"model\":\"deepseek-flash\"}"), 503, "Tell its operators.");
        answers("503 No");
        says(gateway.chat("{\"model\":\"deepseek-v4-pro\"}"), 503, "Try again later.");
        says(gateway.chat("{\"model\":\"deepseek-v4-pro\"}"), 503, "so for a while none is sent. Try again later.");
        says(gateway.chat("{\"model\":\"nowhere\"}"), 503, "Try again later.");
    }

    @Test
    void isNamedInAStreamThatBreaksOff() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.beginChunked("text/event-stream");
            connection.chunk("data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n");
            connection.reset();
        });

        says(gateway.chat("{\"model\":\"deepseek-flash\",\"stream\":true}"), 200, "Try again later.");
    }

    private static HttpResponse<String> mail() {
        return gateway.send(gateway.request("/chat/completions", Gateway.MAIL)
                .POST(BodyPublishers.ofString("{\"model\":\"deepseek-flash\"}"))
                .build());
    }

    private static void says(HttpResponse<String> answer, int status, String toDo) {
        assertThat(answer.body()).contains(toDo).contains(ASK);
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    private static void answers(String status) {
        upstream.answers("HTTP/1.1 " + status + "\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    }
}
