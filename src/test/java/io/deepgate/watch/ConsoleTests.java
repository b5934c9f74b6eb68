package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.access.AccessProperties;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/** The console in a real browser, in front of a gateway with 200 tenants. */
@Tag("chromium")
class ConsoleTests {

    private static final String TENANTS =
            "tenants:\n  - { id: search, keys: [{ id: %s, sha256: %s, created: 2026-01-01T00:00:00Z,"
                            .formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex())
                    + " expires: 2099-01-01T00:00:00Z }], limits: { requests-per-minute: 600 },"
                    + " budget: { usd-per-month: 500, tokens-per-day: 1000 } }\n"
                    + IntStream.range(1, 200)
                            .mapToObj(i -> "  - { id: tenant-" + i + ", keys: [{ id: k" + i + ", sha256: "
                                    + "0".repeat(64) + " }], limits: { tokens-per-minute: 1000 } }\n")
                            .collect(Collectors.joining());

    private static final String BACK = Keys.chord(Keys.SHIFT, Keys.TAB);

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
            assertThat(browser.text("#calls tbody")).isEqualTo("No call has ended since this gateway started.");
            assertThat(browser.text("#upstreams tbody")).isEqualTo("None yet: no call has been sent.");
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
                    .contains("search", "of 600", Gateway.SEARCH.id(), "expires 2099-01-01", "used just now")
                    .containsPattern("0\\.0\\d+ of 500\\.00 USD this month, (500\\.00|499\\.\\d+) left")
                    .containsPattern("\\d+ of 1,000 tokens today, \\d+ left");
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
    void showsAMonthOfTwoHundredTenantsWithinASecond(@TempDir Path downloads) throws Exception {
        int port = freePort();
        YearMonth month = YearMonth.now(ZoneOffset.UTC).minusMonths(1);
        try (Gateway gateway = Gateway.with(
                TENANTS,
                sandbox.baseUrl(),
                "management.server.port=" + port,
                "spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID() + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE"
                        + ";DEFAULT_NULL_ORDERING=HIGH;OPTIMIZE_REUSE_RESULTS=FALSE")) {
            assertThat(status(gateway, port, "/usage")).isEqualTo(200);
            used(gateway, month);
            browser.driver().get("http://127.0.0.1:" + port + "/#usage");
            within(() -> browser.text("#state").equals("Live"));
            within(() -> browser.text("#usage-table tbody").equals("No call was recorded in this month."));
            browser.driver().manage().timeouts().scriptTimeout(Duration.ofSeconds(20));

            double[] millis = new double[3];
            for (int i = 0; i < millis.length; i++) {
                millis[i] = shows(month, 400);
                shows(YearMonth.now(ZoneOffset.UTC), 1);
            }
            Arrays.sort(millis);

            assertThat(millis[1]).as("milliseconds").isLessThan(1000);
            shows(month, 400);
            assertThat(browser.text("#usage-table tfoot")).startsWith("All");
            assertThat(browser.barriers()).isEmpty();
            browser.picture("console-usage");
            theme("dark");
            browser.picture("console-usage-dark");
            theme("light");

            browser.driver()
                    .executeCdpCommand(
                            "Browser.setDownloadBehavior",
                            Map.of("behavior", "allow", "downloadPath", downloads.toString()));
            browser.driver().findElement(By.id("csv")).click();
            Path csv = downloads.resolve("deepgate-usage-" + month + ".csv");
            within(() -> Files.exists(csv) && Files.readAllLines(csv).size() == 401);
            assertThat(Files.readAllLines(csv).getFirst()).startsWith("tenant,model,calls,input_cached");

            browser.driver().findElement(By.id("usage-tenant")).sendKeys("tenant-19" + Keys.TAB);
            within(() -> browser.driver()
                            .findElements(By.cssSelector("#usage-table tbody tr"))
                            .size()
                    == 2);
            assertThat(browser.complaints()).isEmpty();
        }
    }

    /** Chooses the month; the milliseconds until its table and chart are there. */
    private static double shows(YearMonth month, int rows) {
        return ((Number) browser.driver().executeAsyncScript("""
                        const done = arguments[arguments.length - 1];
                        const month = document.getElementById('month');
                        const rows = document.getElementById('usage-table').tBodies[0].rows;
                        const begun = performance.now();
                        month.value = arguments[0];
                        month.dispatchEvent(new Event('change'));
                        const look = () => requestAnimationFrame(rows.length === arguments[1]
                            ? () => done(performance.now() - begun) : look);
                        look();
                        """, month.toString(), rows)).doubleValue();
    }

    /** Each tenant called both models in each hour of the month. */
    private static void used(Gateway gateway, YearMonth month) {
        new JdbcTemplate(gateway.bean(DataSource.class))
                .update("""
                        INSERT INTO usage_hour (tenant, starting, key_id, model, calls, input_cached, input_uncached, output, cost_nanos)
                        SELECT 'tenant-' || t.x, DATEADD(HOUR, h.x, CAST(? AS TIMESTAMP)), 'k' || t.x, m.model,
                            1 + MOD(t.x * 7 + h.x, 24), 9000 + t.x * 11 * MOD(h.x, 24), 4000 + t.x, 900 + MOD(h.x * t.x, 700), m.nanos * (40 + MOD(h.x, 24)) * t.x * (3 + MOD(h.x / 24, 7))
                        FROM SYSTEM_RANGE(0, 199) t (x), SYSTEM_RANGE(0, ?) h (x),
                            (VALUES ('deepseek-flash', 1000), ('deepseek-v4-pro', 3000)) m (model, nanos)""", month.atDay(1).atStartOfDay(), 24 * month.lengthOfMonth() - 1);
    }

    @Test
    void fitsANarrowWindowAndIsUsedByKeyboardAlone() throws Exception {
        int port = freePort();
        try (Gateway gateway = gateway(port)) {
            browser.driver().manage().window().setSize(new Dimension(500, 900));
            browser.driver().get("http://127.0.0.1:" + port + "/");
            within(() -> browser.text("#state").equals("Live"));
            for (String link : new String[] {"Tenants", "Usage", "Live"}) {
                browser.driver().switchTo().activeElement().sendKeys(Keys.TAB);
                while (!browser.driver().switchTo().activeElement().getText().equals(link)) {
                    browser.driver().switchTo().activeElement().sendKeys(link.equals("Live") ? BACK : Keys.TAB);
                }
                browser.driver().switchTo().activeElement().sendKeys(Keys.ENTER);
                within(() -> browser.driver()
                        .findElement(By.id(link.toLowerCase(Locale.ROOT)))
                        .isDisplayed());
                browser.picture("console-narrow-" + link.toLowerCase(Locale.ROOT));
                assertThat(browser.run(
                                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                        .as(link)
                        .isEqualTo(0L);
            }
        } finally {
            browser.driver().manage().window().setSize(new Dimension(1400, 1000));
        }
    }

    @Test
    void saysWhyAChangedFileWasNotTakenOver() throws Exception {
        int port = freePort();
        try (Gateway gateway = gateway(port)) {
            Path tenants = gateway.bean(AccessProperties.class).tenantsFile();
            browser.driver().get("http://127.0.0.1:" + port + "/");
            within(() -> browser.text("#state").equals("Live"));

            Files.writeString(tenants, "tenants: [{ id: Bad }]");
            within(() -> browser.text("#refusals")
                    .startsWith("The tenants stay as they were: " + tenants + ":1: tenant id 'Bad': write lower-case"));
            Files.writeString(tenants, TENANTS);
            within(() -> browser.text("#refusals").isEmpty());
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
