package io.deepgate.watch;

import static io.deepgate.watch.Console.base;
import static io.deepgate.watch.Console.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.FreePorts;
import io.deepgate.Gateway;
import io.deepgate.Overheard;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.YearMonth;
import java.time.ZoneOffset;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.openqa.selenium.By;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/** How operators come into the console and go, and what they see when the gateway does. */
@Tag("chromium")
class ConsoleSessionTests {

    @RegisterExtension
    private static final Console CONSOLE = new Console();

    private static Browser browser;

    @BeforeAll
    static void start() {
        browser = CONSOLE.browser();
    }

    @Test
    void showsWhatHappensAndSurvivesARestart() throws Exception {
        int port = FreePorts.next();
        try (Gateway gateway = gateway(port)) {
            browser.driver().get(base(gateway) + "/");
            within(() -> browser.text("#state").equals("Live"));
            assertThat(browser.text("#access")).contains("only this machine");

            for (String said : new String[] {"Hello", "[[status 503]]", "[[delay 100ms]]"}) {
                gateway.chat(
                        "{\"model\":\"deepseek-flash\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
                                + said + " " + Overheard.CANARY + "\"}]}");
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
            assertThat(browser.complaints()).isEmpty();
        }
        within(() -> browser.text("#state").contains("does not answer"));
        try (Gateway again = gateway(port)) {
            within(() -> browser.text("#state").equals("Live"));
            assertThat(browser.text("#calls tbody")).isEqualTo("No call has ended since this gateway started.");
            assertThat(browser.text("#upstreams tbody")).isEqualTo("None yet: no call has been sent.");
        }
    }

    @Test
    void letsOperatorsOfAnOpenIdProviderInAndOut() throws Exception {
        String client = "spring.security.oauth2.client.";
        try (OidcProvider provider = new OidcProvider();
                Gateway closed = CONSOLE.gateway(
                        client + "provider.sso.issuer-uri=" + provider.issuer(),
                        client + "registration.sso.client-id=" + OidcProvider.CLIENT,
                        client + "registration.sso.client-secret=secret",
                        client + "registration.sso.scope=openid")) {
            browser.driver().get(base(closed) + "/");
            within(() -> browser.text("#state").equals("Live"));

            browser.driver().findElement(By.id("logout")).click();
            browser.driver().findElement(By.cssSelector("button[type=submit]")).click();

            within(() -> browser.driver().getCurrentUrl().equals(base(closed) + "/logged-out"));
            assertThat(browser.text("main")).contains("You are logged out");
            assertThat(provider.loggedOut()).isNotEmpty();
            assertThat(browser.barriers()).isEmpty();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void letsOperatorsLogIn() throws Exception {
        try (Gateway gateway = CONSOLE.gateway(
                "gateway.watch.users.anna=" + "{bcrypt}" + new BCryptPasswordEncoder(4).encode("correct horse"))) {
            assertThat(status(gateway, "/actuator/health/readiness")).isEqualTo(200);
            assertThat(status(gateway, "/actuator/prometheus")).isEqualTo(200);
            assertThat(status(gateway, "/console/live")).isEqualTo(401);
            assertThat(status(gateway, "/actuator/circuitbreakers")).isEqualTo(401);

            browser.driver().get(base(gateway) + "/");
            within(() -> browser.driver().getCurrentUrl().endsWith("/login"));
            browser.driver().findElement(By.name("username")).sendKeys("anna");
            browser.driver().findElement(By.name("password")).sendKeys("correct horse");
            browser.driver().findElement(By.cssSelector("button[type=submit]")).click();

            within(() -> browser.text("#state").equals("Live"));
            assertThat(browser.driver().findElement(By.id("access")).isDisplayed())
                    .isFalse();
        }
    }

    @Test
    void showsWhatSpeaksForACandidate() throws Exception {
        try (Gateway gateway = CONSOLE.gateway(
                "gateway.catalog.aliases.fast.slug=deepseek-flash",
                "gateway.catalog.aliases.fast.candidate.slug=deepseek-v4-pro",
                "gateway.catalog.aliases.fast.candidate.share=50")) {
            for (int user = 0; user < 20; user++) {
                gateway.chat("{\"model\":\"fast\",\"stream\":true,\"seed\":1,\"user\":\"u" + user
                        + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi [[tokens 9]] " + Overheard.CANARY
                        + "\"}]}");
                gateway.record();
            }
            var ledger = new JdbcTemplate(gateway.bean(DataSource.class));
            within(() -> ledger.queryForObject("SELECT COUNT(*) FROM call", Integer.class) == 20);
            Console.used(gateway, YearMonth.now(ZoneOffset.UTC).minusMonths(1));
            browser.driver().get(base(gateway) + "/#rollouts");

            within(() -> browser.text("#rollout-verdict").startsWith("Wait: the candidate has had "));
            assertThat(browser.text("#rollout-measures")).contains("errors", "first token, 95th percentile", "% to");
            assertThat(browser.text("#rollout-cost tfoot")).startsWith("All");
            assertThat(browser.text("#rollout-assumed")).contains("The prices of today");
            assertThat(browser.text("#rollout-lengths")).contains("below 1 K");
            assertThat(browser.text("#rollout-parameters")).contains("search", "seed", "ignored");
            browser.picture("console-rollouts");
            assertThat(browser.barriers()).isEmpty();
            assertThat(browser.complaints()).isEmpty();
        }
    }

    private static int status(Gateway gateway, String path) {
        URI uri = URI.create(base(gateway) + path);
        return gateway.send(HttpRequest.newBuilder(uri).build()).statusCode();
    }

    private static Gateway gateway(int port) {
        return CONSOLE.gateway("management.server.port=" + port);
    }
}
