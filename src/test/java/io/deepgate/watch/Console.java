package io.deepgate.watch;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.sandbox.Sandbox;
import io.deepgate.sandbox.SandboxProperties;
import java.time.Duration;
import java.time.YearMonth;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** A browser for the tests of a class, and gateways with 200 tenants whose console it opens. */
final class Console implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {

    static final String TENANTS =
            "tenants:\n  - { id: search, keys: [{ id: %s, sha256: %s, created: 2026-01-01T00:00:00Z,"
                            .formatted(Gateway.SEARCH.id(), Gateway.SEARCH.sha256Hex())
                    + " expires: 2099-01-01T00:00:00Z }], limits: { requests-per-minute: 600 },"
                    + " budget: { usd-per-month: 500, tokens-per-day: 1000 } }\n"
                    + IntStream.range(1, 200)
                            .mapToObj(i -> "  - { id: tenant-" + i + ", keys: [{ id: k" + i + ", sha256: "
                                    + "0".repeat(64) + " }], limits: { tokens-per-minute: 1000 } }\n")
                            .collect(Collectors.joining());

    private Sandbox sandbox;
    private Browser browser;

    @Override
    public void beforeAll(ExtensionContext context) {
        browser = Browser.start();
        sandbox = Sandbox.start(new SandboxProperties(0, Duration.ZERO, 100_000, Duration.ofMillis(50), "sk-sandbox"));
    }

    /** The page of the test before complains that its gateway is gone. */
    @Override
    public void beforeEach(ExtensionContext context) {
        browser.driver().get("about:blank");
        browser.complaints();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (sandbox != null) {
            sandbox.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    Browser browser() {
        return browser;
    }

    /** A new one before the sandbox, for the test to close. */
    Gateway gateway(String... properties) {
        return Gateway.with(TENANTS, sandbox.baseUrl(), properties);
    }

    /** Each tenant called both models every four hours of the month. */
    static void used(Gateway gateway, YearMonth month) {
        new JdbcTemplate(gateway.bean(DataSource.class))
                .update("""
                        INSERT INTO usage_hour (tenant, starting, key_id, model, calls, input_cached, input_uncached, output, cost_nanos)
                        SELECT 'tenant-' || t.x, DATEADD(HOUR, h.x, CAST(? AS TIMESTAMP)), 'k' || t.x, m.model,
                            1 + MOD(t.x * 7 + h.x, 24), 9000 + t.x * 11 * MOD(h.x, 24), 4000 + t.x, 900 + MOD(h.x * t.x, 700), m.nanos * (40 + MOD(h.x, 24)) * t.x * (3 + MOD(h.x / 24, 7))
                        FROM SYSTEM_RANGE(0, 199) t (x), SYSTEM_RANGE(0, ?, 4) h (x),
                            (VALUES ('deepseek-flash', 1000), ('deepseek-v4-pro', 3000)) m (model, nanos)""", month.atDay(1).atStartOfDay(), 24 * month.lengthOfMonth() - 1);
    }

    static String base(Gateway gateway) {
        return "http://127.0.0.1:" + gateway.managementPort();
    }

    static void within(Callable<Boolean> condition) {
        AtRest.every(Duration.ofMillis(50), Duration.ofSeconds(15), condition);
    }
}
