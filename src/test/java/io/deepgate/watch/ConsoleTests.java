package io.deepgate.watch;

import static io.deepgate.watch.Console.base;
import static io.deepgate.watch.Console.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.Gateway;
import io.deepgate.Overheard;
import io.deepgate.access.AccessProperties;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Dimension;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;

/** The console in a real browser, in front of a gateway with 200 tenants. */
@Tag("chromium")
class ConsoleTests {

    private static final List<String> VIEWS = List.of("live", "tenants", "usage", "rollouts");

    @RegisterExtension
    private static final Console CONSOLE = new Console();

    private static Browser browser;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        browser = CONSOLE.browser();
        gateway = CONSOLE.gateway("spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID()
                + ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;OPTIMIZE_REUSE_RESULTS=FALSE");
    }

    @AfterAll
    static void stop() {
        if (gateway != null) {
            gateway.close();
        }
    }

    @Test
    void showsTwoHundredTenantsWithinASecond() {
        assertThat(gateway.chat("{\"model\":\"deepseek-flash\",\"messages\":[{\"role\":\"user\",\"content\":\""
                                + Overheard.CANARY + "\"}]}")
                        .statusCode())
                .isEqualTo(200);
        open("/");

        double before = browser.worked();
        browser.driver().executeAsyncScript("""
                const done = arguments[arguments.length - 1];
                location.hash = '#tenants';
                const look = () => document.querySelectorAll('#tenant-list tbody tr').length === 200
                    ? requestAnimationFrame(done) : requestAnimationFrame(look);
                look();
                """);

        assertThat(browser.worked() - before).as("seconds of the processor").isBetween(0.001, 1d);
        assertThat(browser.text("#tenant-list tbody tr"))
                .contains("search", "of 600", Gateway.SEARCH.id(), "expires 2099-01-01", "used just now", "days old")
                .containsPattern("0\\.0\\d+ of 500\\.00 USD this month, (500\\.00|499\\.\\d+) left")
                .containsPattern("\\d+ of 1,000 tokens today, \\d+ left");
        assertThat(browser.driver().getPageSource()).doesNotContain(Gateway.SEARCH.sha256Hex(), Gateway.SEARCH.value());
        browser.picture("console-tenants");
        browser.driver().findElement(By.id("find")).sendKeys("tenant-19");
        within(() -> browser.driver()
                        .findElements(By.cssSelector("#tenant-list tbody tr"))
                        .size()
                == 11);
        assertThat(browser.barriers()).isEmpty();
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void showsAMonthOfTwoHundredTenantsWithinASecond(@TempDir Path downloads) throws Exception {
        YearMonth month = YearMonth.now(ZoneOffset.UTC).minusMonths(1);
        Console.used(gateway, month);
        open("/#usage");
        within(() -> browser.driver().findElement(By.id("usage-table")).getDomAttribute("aria-busy") == null);

        double[] seconds = new double[3];
        for (int i = 0; i < seconds.length; i++) {
            double before = browser.worked();
            shows(month, 400);
            seconds[i] = browser.worked() - before;
            shows(month.minusMonths(1), 1);
        }

        Arrays.sort(seconds);
        assertThat(seconds[1]).as("seconds of the processor").isBetween(0.001, 1d);
        shows(month, 400);
        assertThat(browser.text("#usage-table tfoot")).startsWith("All");
        assertThat(browser.driver().findElements(By.cssSelector("#usage-chart canvas")))
                .hasSize(1);
        assertThat(browser.driver().findElement(By.id("usage-chart")).getDomAttribute("aria-label"))
                .startsWith("cost by day and model; most on day ");
        browser.picture("console-usage");
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
        assertThat(browser.barriers()).isEmpty();
        assertThat(browser.complaints()).isEmpty();
    }

    /** Chooses the month, and waits until its table and chart are there. */
    private static void shows(YearMonth month, int rows) {
        browser.driver().executeAsyncScript("""
                        const done = arguments[arguments.length - 1];
                        const month = document.getElementById('month');
                        const rows = document.getElementById('usage-table').tBodies[0].rows;
                        month.value = arguments[0];
                        month.dispatchEvent(new Event('change'));
                        const look = () => requestAnimationFrame(rows.length === arguments[1]
                            ? done : look);
                        look();
                        """, month.toString(), rows);
    }

    @Test
    void fitsANarrowWindow() {
        browser.driver().manage().window().setSize(new Dimension(500, 900));
        try {
            for (String view : VIEWS) {
                open("/#" + view);
                within(() -> browser.driver().findElement(By.id(view)).isDisplayed());
                browser.picture("console-narrow-" + view);
                assertThat(browser.run(
                                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                        .as(view)
                        .isEqualTo(0L);
            }
        } finally {
            browser.driver().manage().window().setSize(new Dimension(1400, 1000));
        }
    }

    @Test
    void isUsedByKeyboardAlone() {
        open("/");
        for (String view : VIEWS) {
            open("/#" + view);
            List<?> missed = keysReach(view);
            assertThat(missed).as(view).isEmpty();
        }

        open("/#usage");
        press(By.cssSelector("th[data-by=calls] button"), Keys.ENTER);
        assertThat(browser.driver()
                        .findElement(By.cssSelector("th[data-by=calls]"))
                        .getDomAttribute("aria-sort"))
                .isEqualTo("descending");
        press(By.cssSelector("input[value=cost]"), Keys.ARROW_RIGHT);
        assertThat(browser.driver()
                        .findElement(By.cssSelector("input[value=tokens]"))
                        .isSelected())
                .isTrue();
        press(By.cssSelector("nav a[href='#tenants']"), Keys.ENTER);
        within(() -> browser.driver().findElement(By.id("tenants")).isDisplayed());
        press(By.cssSelector(".skip"), Keys.ENTER);
        assertThat(browser.driver().switchTo().activeElement().getDomAttribute("id"))
                .isEqualTo("main");
    }

    private static void press(By what, Keys key) {
        browser.driver().findElement(what).sendKeys(key);
    }

    /** What of the view can be used, and the tabulator does not come to. */
    private static List<?> keysReach(String view) {
        Object things = browser.run("""
                window.reached = new Set();
                document.addEventListener('focusin', event => reached.add(event.target));
                window.things = [...document.querySelectorAll('a[href], button, input, select, [tabindex="0"]')]
                    .filter(one => one.checkVisibility() && !(one.type === 'radio' && !one.checked));
                document.activeElement.blur();
                return things.length;
                """);
        for (int i = 0; i <= ((Number) things).intValue() + 1; i++) {
            new Actions(browser.driver()).sendKeys(Keys.TAB).perform();
        }
        assertThat(((Number) things).intValue()).as(view).isGreaterThan(4);
        return (List<?>) browser.run("return things.filter(one => !reached.has(one)).map(one => one.outerHTML)");
    }

    /** The browser can reach no other host; that the page does not even try is for those who watch the network. */
    @Test
    void asksNobodyButItsGateway() {
        for (String view : VIEWS) {
            open("/#" + view);
            within(() -> browser.driver().findElement(By.id(view)).isDisplayed());
        }

        assertThat((List<?>) browser.run("return performance.getEntriesByType('resource').map(one => one.name)"))
                .hasSizeGreaterThan(8)
                .allMatch(url -> url.toString().startsWith(base(gateway) + "/"));
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void saysWhyAChangedFileWasNotTakenOver() throws Exception {
        Path tenants = gateway.bean(AccessProperties.class).tenantsFile();
        open("/");

        Files.writeString(tenants, "tenants: [{ id: Bad }]");
        within(() -> browser.text("#refusals")
                .startsWith("The tenants stay as they were: " + tenants + ":1: tenant id 'Bad': write lower-case"));
        Files.writeString(tenants, Console.TENANTS);
        within(() -> browser.text("#refusals").isEmpty());
    }

    /** Opens a view of the gateway that all tests have, and waits for its figures. */
    private static void open(String path) {
        browser.driver().get(base(gateway) + path);
        within(() -> browser.text("#state").equals("Live"));
    }
}
