package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What operators are told of an alias with a candidate after some calls. */
class RolloutPageTests {

    private static Sandbox sandbox;
    private static Gateway gateway;

    @BeforeAll
    static void calls() {
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofSeconds(1), "sk-sandbox"));
        gateway = Gateway.inFrontOf(
                sandbox.baseUrl(),
                "gateway.catalog.slug-check=1s",
                "gateway.catalog.aliases.[team/fast].slug=deepseek-flash",
                "gateway.catalog.aliases.[team/fast].candidate.slug=sandbox-same",
                "gateway.catalog.aliases.[team/fast].candidate.share=100");
        for (int i = 0; i < 3; i++) {
            gateway.chat("{\"model\":\"team/fast\",\"seed\":7,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
            gateway.record();
        }
        AtRest.within(
                Duration.ofSeconds(20),
                () -> measure(json(ask("/rollouts/team/fast")), "errors")
                                .at("/candidate/of")
                                .asInt()
                        == 3);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        sandbox.close();
    }

    @Test
    void listsRollouts() {
        JsonNode rollouts = json(ask("/rollouts")).at("/rollouts");

        assertThat(rollouts.size()).isOne();
        assertThat(rollouts.at("/0/alias").asString()).isEqualTo("team/fast");
        assertThat(rollouts.at("/0/stable/0/slug").asString()).isEqualTo("deepseek-flash");
        assertThat(rollouts.at("/0/candidate/slug").asString()).isEqualTo("sandbox-same");
        assertThat(rollouts.at("/0/share").asInt()).isEqualTo(100);
    }

    @Test
    void reportsOnOne() {
        for (String path : new String[] {"/rollouts/team/fast", "/rollouts/team/fast?from=2026-01-01"}) {
            JsonNode report = json(ask(path));

            assertThat(report.at("/verdict/advice").asString()).isEqualTo("WAIT");
            assertThat(report.at("/verdict/sentence").asString()).startsWith("Wait: the candidate has had 3 calls");
            assertThat(measure(report, "cost per call").at("/stable/value").isNull())
                    .isTrue();
            assertThat(report.at("/parameters/0/parameter").asString()).isEqualTo("seed");
            assertThat(report.at("/parameters/0/candidate").asString()).isEqualTo("ignored");
            assertThat(report.at("/context/tenants/0/below32k").asInt()).isEqualTo(3);
        }
        AtRest.within(
                Duration.ofSeconds(20),
                () -> json(ask("/rollouts/team/fast"))
                                .at("/context/candidate_window")
                                .asInt()
                        == 1_048_576);
    }

    @Test
    void saysWhatItDoesNotKnow() {
        HttpResponse<String> unknown = ask("/rollouts/deepseek-flash");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(json(unknown).at("/error/message").asString())
                .isEqualTo("'deepseek-flash' has no candidate. GET /rollouts lists the aliases that have one.");

        HttpResponse<String> wrong = ask("/rollouts/team/fast?from=yesterday");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(json(wrong).at("/error/param").asString()).isEqualTo("from");
    }

    private static JsonNode measure(JsonNode report, String name) {
        return StreamSupport.stream(report.at("/measures").spliterator(), false)
                .filter(one -> one.at("/name").asString().equals(name))
                .findFirst()
                .orElse(report.path("nothing"));
    }

    private static HttpResponse<String> ask(String path) {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + path);
        return gateway.send(HttpRequest.newBuilder(uri).build());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body());
    }
}
