package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.Gateway;
import io.deepgate.LogLines;
import java.net.URI;
import java.net.http.HttpRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An upstream's list of models changes, and operators hear of it once. */
class SlugCheckTests {

    private static final String FLASH = "deepseek-flash";
    private static final String PRO = "deepseek-v4-pro";
    private static final String MISSING = "The upstream 'deepseek' does not list '" + PRO + "', only [";

    private static ModelsUpstream upstream;
    private static ModelsUpstream other;
    private static Gateway gateway;
    private static SlugCheck check;
    private LogLines log;

    @BeforeAll
    static void start() {
        upstream = new ModelsUpstream().lists(FLASH, PRO);
        other = new ModelsUpstream().lists("llama");
        gateway = Gateway.inFrontOf(
                upstream.baseUrl(),
                "gateway.catalog.upstreams.other.base-url=" + other.baseUrl(),
                "gateway.catalog.upstreams.other.api-key=sk-other",
                "gateway.catalog.aliases.llama.slug=llama",
                "gateway.catalog.aliases.llama.upstream=other",
                "gateway.catalog.aliases.lama.slug=llama",
                "gateway.catalog.aliases.lama.upstream=other");
        check = gateway.bean(SlugCheck.class);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        upstream.close();
        other.close();
    }

    @BeforeEach
    void allIsListed() {
        upstream.lists(FLASH, PRO);
        other.lists("llama");
        check.check();
        upstream.heads().clear();
        other.heads().clear();
        log = LogLines.of(SlugCheck.class);
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void saysNothingWhileAllIsListed() {
        check.check();
        assertThat(log.texts()).isEmpty();
        assertThat(unlisted("deepseek", PRO)).isEqualTo("0.0");
        assertThat(health().path("status").asString()).isEqualTo("UP");
        assertThat(details().isObject()).isTrue();
        assertThat(details().isEmpty()).isTrue();
    }

    @Test
    void tellsOnceThatASlugHasDied() {
        upstream.lists(FLASH, "deepseek-v5");
        check.check();
        upstream.lists(FLASH, "deepseek-v6");
        check.check();
        check.check();
        assertThat(log.texts())
                .singleElement()
                .asString()
                .startsWith("WARN " + MISSING)
                .contains(FLASH, "deepseek-v5");
        assertThat(unlisted("deepseek", PRO)).isEqualTo("1.0");
        assertThat(unlisted("deepseek", FLASH)).isEqualTo("0.0");
        assertThat(unlisted("other", "llama")).isEqualTo("0.0");
        assertThat(health().path("status").asString()).isEqualTo("UP");
        assertThat(details().propertyNames()).containsExactly("deepseek/" + PRO);
        assertThat(details().path("deepseek/" + PRO).asString())
                .startsWith(MISSING)
                .contains("deepseek-v6");
    }

    @Test
    void tellsOnceThatASlugIsBackAndAgainWhenItDies() {
        upstream.lists(FLASH);
        check.check();
        upstream.lists(PRO, FLASH);
        check.check();
        check.check();
        assertThat(unlisted("deepseek", PRO)).isEqualTo("0.0");
        assertThat(details().isEmpty()).isTrue();
        upstream.lists(FLASH);
        check.check();
        assertThat(log.texts())
                .containsExactly(
                        "WARN " + MISSING + FLASH + "].",
                        "INFO The upstream 'deepseek' lists '" + PRO + "' again",
                        "WARN " + MISSING + FLASH + "].");
    }

    @Test
    void asksEachUpstreamForItsOwnSlugsOnceAndWithItsOwnKey() {
        other.lists(FLASH);
        check.check();
        assertThat(log.texts())
                .containsExactly("WARN The upstream 'other' does not list 'llama', only [" + FLASH + "].");
        assertThat(details().propertyNames()).containsExactly("other/llama");
        assertThat(upstream.heads())
                .singleElement()
                .asString()
                .startsWith("GET /models ")
                .containsIgnoringCase("\nauthorization: Bearer " + Gateway.UPSTREAM_KEY + "\r");
        assertThat(other.heads()).singleElement().asString().containsIgnoringCase("\nauthorization: Bearer sk-other\r");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n",
                "HTTP/1.1 401 No\r\ncontent-length: 20\r\n\r\n{\"error\":\"****3750\"}",
                "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>",
                "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]",
                "HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"data\":[]}",
                "HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"data\":[{},1]}",
                "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"data\":[",
                "no HTTP at all",
                ""
            })
    void keepsWhatItKnowsWhileAListCannotBeRead(String answer) {
        upstream.lists(FLASH);
        check.check();
        upstream.answers(answer);
        other.lists();
        check.check();
        assertThat(unlisted("deepseek", PRO)).isEqualTo("1.0");
        assertThat(unlisted("deepseek", FLASH)).isEqualTo("0.0");
        assertThat(unlisted("other", "llama")).isEqualTo("0.0");
        assertThat(log.texts())
                .filteredOn(line -> !line.startsWith("DEBUG"))
                .containsExactly("WARN " + MISSING + FLASH + "].");

        upstream.lists(FLASH, PRO);
        check.check();
        assertThat(unlisted("deepseek", PRO)).isEqualTo("0.0");
    }

    /** What Prometheus reads. */
    private static String unlisted(String upstreamName, String slug) {
        String name = "gateway_catalog_unlisted{model=\"" + slug + "\",upstream=\"" + upstreamName + "\"} ";
        return gateway.prometheus()
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()))
                .findFirst()
                .orElse("none");
    }

    private static JsonNode health() {
        URI uri = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/health");
        return JsonMapper.shared()
                .readTree(gateway.send(HttpRequest.newBuilder(uri).build()).body());
    }

    private static JsonNode details() {
        return health().at("/components/slugCheck/details/unlisted");
    }
}
