package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Overheard;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two calls of search, one of mail, and who may see them. */
class UsageApiTests {

    private static final String TENANTS =
            """
            tenants:
              - id: search
                keys: [{ id: %s, sha256: %s }]
                limits: { requests-per-minute: 600 }
                budget: { usd-per-month: 500 }
              - { id: mail, keys: [{ id: %s, sha256: %s }] }
            """.formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex(), Gateway.MAIL.id(), Gateway.MAIL.sha256Hex());

    private static Sandbox sandbox;
    private static Gateway gateway;
    private static long searchCost;

    @BeforeAll
    static void calls() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 10_000, Duration.ofSeconds(1), "sk-sandbox"));
        gateway = Gateway.with(TENANTS, sandbox.baseUrl());
        searchCost = call("deepseek-flash") + call("deepseek-v4-pro");
        gateway.send(gateway.request("/chat/completions", Gateway.MAIL)
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"deepseek-flash\",\"messages\":[]}"))
                .build());
        gateway.record();
        AtRest.within(
                Duration.ofSeconds(20),
                () -> operator("?by=tenant", "text/csv").body().lines().count() == 3);
    }

    private static long call(String model) {
        gateway.chat("{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                .formatted(model, Overheard.CANARY));
        Long cost = gateway.record().cost();
        return cost == null ? 0 : cost;
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @Test
    void showsOperatorsEverybody() {
        JsonNode answer = json(operator("?by=tenant", "application/json"));

        assertThat(answer.at("/rows").size()).isEqualTo(2);
        assertThat(answer.at("/rows/0/tenant").asString()).isEqualTo("mail");
        assertThat(answer.at("/rows/1/tenant").asString()).isEqualTo("search");
        assertThat(answer.at("/rows/1/calls").asLong()).isEqualTo(2);
        assertThat(answer.at("/rows/1/cost_usd")
                        .decimalValue()
                        .movePointRight(9)
                        .longValueExact())
                .isEqualTo(searchCost);
        assertThat(answer.at("/next_offset").isNull()).isTrue();
    }

    @Test
    void givesCsvToThoseWhoAcceptIt() {
        HttpResponse<String> answer = operator("?by=model,key&tenant=search", "text/csv");

        assertThat(answer.headers().firstValue("content-type")).hasValue("text/csv");
        assertThat(answer.body().lines())
                .hasSize(3)
                .first()
                .isEqualTo("model,key,calls,input_cached,input_uncached,output,reasoning,cost_usd,unpriced_calls,"
                        + "estimated_calls,estimated_tokens,estimated_cost_usd");
        assertThat(answer.body()).contains("\ndeepseek-flash,search1,1,", "\ndeepseek-v4-pro,search1,1,");
    }

    @Test
    void showsATenantItsOwnOnlyWhateverItAsksFor() {
        for (String query : new String[] {"?by=tenant", "?by=tenant&tenant=mail", "?by=tenant&tenant="}) {
            JsonNode answer = json(tenant(query));
            assertThat(answer.at("/tenant").asString()).isEqualTo("search");
            assertThat(answer.at("/rows").size()).isOne();
            assertThat(answer.at("/rows/0/tenant").asString()).isEqualTo("search");
            assertThat(answer.at("/limits").toString())
                    .isEqualTo("{\"requests_per_minute\":600,\"usd_per_month\":500}");
        }
    }

    @Test
    void isPaged() {
        JsonNode first = json(operator("?by=tenant&limit=1", "application/json"));
        JsonNode second = json(
                operator("?by=tenant&limit=1&offset=" + first.at("/next_offset").asInt(), "application/json"));

        assertThat(first.at("/rows/0/tenant").asString()).isEqualTo("mail");
        assertThat(second.at("/rows/0/tenant").asString()).isEqualTo("search");
        assertThat(second.at("/next_offset").isNull()).isTrue();
    }

    @Test
    void groupsByHourAndDay() {
        assertThat(json(operator("?by=hour", "application/json"))
                        .at("/rows/0/hour")
                        .asString())
                .endsWith(":00:00Z");
        assertThat(json(operator("", "application/json")).at("/rows/0/day").asString())
                .matches("\\d{4}-\\d\\d-\\d\\d");
        assertThat(json(operator("?from=2020-01-01&to=2020-02-01T06:00:00Z", "application/json"))
                        .at("/rows")
                        .size())
                .isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "by=drop table, by",
        "by=, by",
        "limit=0, limit",
        "limit=1001, limit",
        "limit=x, limit",
        "offset=-1, offset",
        "from=yesterday, from",
        "to=2026-13-01, to",
        "from=-9999-01-01&to=-9999-01-02, from",
        "from=9998-12-31&to=%2B1000000000-12-31T23:59:59Z, to",
        "from=2020-01-01&to=2026-01-01, from",
        "from=2026-02-01&to=2026-01-01, from"
    })
    void saysWhatCannotBeRead(String query, String param) {
        String escaped = query.replace(" ", "%20");
        for (HttpResponse<String> answer :
                new HttpResponse[] {operator("?" + escaped, "application/json"), tenant("?" + escaped)}) {
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(json(answer).at("/error/param").asString()).isEqualTo(param);
        }
    }

    @Test
    void wantsAKeyOnTheTenantsPort() {
        URI uri = URI.create(gateway.baseUrl() + "/usage");
        assertThat(gateway.send(HttpRequest.newBuilder(uri).build()).statusCode())
                .isEqualTo(401);
    }

    private static HttpResponse<String> operator(String query, String accept) {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/usage" + query);
        return gateway.send(HttpRequest.newBuilder(uri).header("accept", accept).build());
    }

    private static HttpResponse<String> tenant(String query) {
        return gateway.send(gateway.request("/usage" + query, Gateway.SEARCH).build());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body());
    }
}
