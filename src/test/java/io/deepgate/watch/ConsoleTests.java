package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/** The console in a real browser, in front of a gateway with 200 tenants. */
@Tag("chromium")
class ConsoleTests {

    private static final String TENANTS =
            "tenants:\n  - { id: search, keys: [{ id: %s, sha256: %s, created: 2026-01-01T00:00:00Z,"
                            .formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex())
                    + " expires: 2099-01-01T00:00:00Z }], limits: { requests-per-minute: 600 } }\n"
                    + IntStream.range(1, 200)
                            .mapToObj(i -> "  - { id: tenant-" + i + ", keys: [{ id: k" + i + ", sha256: "
                                    + "0".repeat(64) + " }], limits: { tokens-per-minute: 1000 } }\n")
                            .collect(Collectors.joining());

    private static Sandbox sandbox;
    private static Browser browser;

    @BeforeAll
    static void start() {
        browser = Browser.start();
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofMillis(50), "sk-sandbox"));
    }

    @AfterAll
    static void stop() {
        if (sandbox != null) {
            sandbox.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    /** The page of the test before complains that its gateway is gone. */
    @BeforeEach
    void leavesThePage() {
        browser.driver().get("about:blank");
        browser.complaints();
    }

    @Test
    void showsWhatHappensAndSurvivesARestart() throws Exception {
        int port = freePort();
        try (Gateway gateway = gateway(port)) {
            browser.driver().get("http://127.0.0.1:" + port + "/");
            within(() -> browser.text("#state").equals("Live"));
            assertThat(browser.text("#access")).contains("only this machine");

            for (String said : new String[] {"Hello", "[[status 503]]", "[[delay 100ms]]"}) {
                gateway.chat(
                        "{\"model\":\"deepseek-flash\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
                                + said + "\"}]}");
            }
            within(() -> browser.driver()
                            .findElements(By.cssSelector("#calls tbody tr"))
                            .size()
                    == 3);
            within(() -> !browser.text("#first-token").equals("–"));
            assertThat(browser.text("#calls")).contains("search", "completed", "failed", "200", "503");
            assertThat(browser.text("#breakers")).contains("deepseek/deepseek-flash", "closed");
            assertThat(browser.driver().findElements(By.cssSelector(".chart canvas")))
                    .hasSize(4);
            assertThat(browser.barriers()).isEmpty();
            browser.picture("console-live");
            theme("dark");
            assertThat(browser.barriers()).isEmpty();
            browser.picture("console-live-dark");
            assertThat(browser.complaints()).isEmpty();
        }
        within(() -> browser.text("#state").contains("does not answer"));
        try (Gateway again = gateway(port)) {
            within(() -> browser.text("#state").equals("Live"));
            assertThat(browser.driver().findElements(By.cssSelector("#calls tbody tr")))
                    .isEmpty();
        } finally {
            theme("light");
        }
    }

    @Test
    void showsTwoHundredTenantsWithinASecond() throws Exception {
        int port = freePort();
        try (Gateway gateway = gateway(port)) {
            assertThat(gateway.chat(
                                    "{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}")
                            .statusCode())
                    .isEqualTo(200);
            browser.driver().get("http://127.0.0.1:" + port + "/");
            within(() -> browser.text("#state").equals("Live"));
            browser.driver().manage().timeouts().scriptTimeout(Duration.ofSeconds(10));

            Number millis = (Number) browser.driver().executeAsyncScript("""
                    const done = arguments[arguments.length - 1];
                    const begun = performance.now();
                    location.hash = '#tenants';
                    const look = () => document.querySelectorAll('#tenant-list tbody tr').length === 200
                        ? done(performance.now() - begun) : requestAnimationFrame(look);
                    look();
                    """);

            assertThat(millis.doubleValue()).isLessThan(1000);
            assertThat(browser.text("#tenant-list tbody tr"))
                    .contains("search", "600 requests/min", Gateway.SEARCH.id(), "expires 2099-01-01", "used ");
            assertThat(browser.driver().getPageSource())
                    .doesNotContain(Gateway.SEARCH.sha256Hex(), Gateway.SEARCH.value());
            assertThat(browser.barriers()).isEmpty();
            browser.picture("console-tenants");
            browser.driver().findElement(By.id("find")).sendKeys("tenant-19");
            within(() -> browser.driver()
                            .findElements(By.cssSelector("#tenant-list tbody tr"))
                            .size()
                    == 11);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void letsOperatorsLogIn() throws Exception {
        int port = freePort();
        try (Gateway gateway = Gateway.with(
                TENANTS,
                sandbox.baseUrl(),
                "management.server.port=" + port,
                "gateway.watch.users.anna=" + "{bcrypt}" + new BCryptPasswordEncoder(4).encode("correct horse"))) {
            assertThat(status(gateway, port, "/actuator/health/readiness")).isEqualTo(200);
            assertThat(status(gateway, port, "/actuator/prometheus")).isEqualTo(200);
            assertThat(status(gateway, port, "/console/live")).isEqualTo(401);
            assertThat(status(gateway, port, "/actuator/circuitbreakers")).isEqualTo(401);

            browser.driver().get("http://127.0.0.1:" + port + "/");
            within(() -> browser.driver().getCurrentUrl().endsWith("/login"));
            browser.driver().findElement(By.name("username")).sendKeys("anna");
            browser.driver().findElement(By.name("password")).sendKeys("correct horse");
            browser.driver().findElement(By.cssSelector("button[type=submit]")).click();

            within(() -> browser.text("#state").equals("Live"));
            assertThat(browser.driver().findElement(By.id("access")).isDisplayed())
                    .isFalse();
        }
    }

    private static void theme(String name) {
        browser.driver()
                .executeCdpCommand(
                        "Emulation.setEmulatedMedia",
                        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", name))));
    }

    private static int status(Gateway gateway, int port, String path) {
        URI uri = URI.create("http://127.0.0.1:" + port + path);
        return gateway.send(HttpRequest.newBuilder(uri).build()).statusCode();
    }

    private static Gateway gateway(int port) {
        return Gateway.with(TENANTS, sandbox.baseUrl(), "management.server.port=" + port);
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void within(Callable<Boolean> condition) {
        AtRest.every(Duration.ofMillis(50), Duration.ofSeconds(15), condition);
    }
}
