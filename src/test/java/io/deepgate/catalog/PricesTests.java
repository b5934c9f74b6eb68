package io.deepgate.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.ClassPathResource;

class PricesTests {

    private static final String FLASH = "deepseek-flash";
    private static final Instant OFF_PEAK = Instant.parse("2026-11-24T12:00:00Z");

    @ParameterizedTest
    @CsvSource({"deepseek-flash, 3000, 150000, 600000", "deepseek-v4-pro, 22000, 660000, 1980000"})
    void areBundledForDeepSeek(String slug, long cached, long uncached, long output) throws IOException {
        assertThat(bundled().price(slug, OFF_PEAK)).isEqualTo(new Price(cached, uncached, output));
        assertThat(bundled().warnings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        // A Tuesday.
        "2026-11-24T00:59:59.999Z, 1",
        "2026-11-24T01:00:00Z, 2",
        "2026-11-24T03:59:59.999Z, 2",
        "2026-11-24T04:00:00Z, 1",
        "2026-11-24T05:59:59Z, 1",
        "2026-11-24T06:00:00Z, 2",
        "2026-11-24T09:59:59Z, 2",
        "2026-11-24T10:00:00Z, 1",
        "2026-11-27T02:00:00Z, 2",
        "2026-11-28T02:00:00Z, 1",
        "2026-11-29T02:00:00Z, 1",
        "2026-11-30T02:00:00Z, 2",
        // New Year's Day is a Friday.
        "2027-01-01T02:00:00Z, 1",
        "2027-01-04T02:00:00Z, 2",
    })
    void areTwiceAsHighAtDeepSeeksPeak(Instant start, long factor) throws IOException {
        assertThat(bundled().price(FLASH, start))
                .isEqualTo(new Price(3000 * factor, 150_000 * factor, 600_000 * factor));
    }

    @Test
    void goByWhenACallBegan() {
        Catalog catalog = catalog(
                "prices.deepseek-flash[0].from", "2026-06-01T00:00:00Z",
                "prices.deepseek-flash[0].input-cached", "0.002",
                "prices.deepseek-flash[0].input-uncached", "0.2",
                "prices.deepseek-flash[0].output", "2",
                "prices.deepseek-flash[1].from", "2026-03-01T00:00:00Z",
                "prices.deepseek-flash[1].input-cached", "0.001",
                "prices.deepseek-flash[1].input-uncached", "0.1",
                "prices.deepseek-flash[1].output", "1");

        assertThat(catalog.price(FLASH, Instant.parse("2026-02-28T23:59:59.999Z")))
                .isNull();
        assertThat(catalog.price(FLASH, Instant.parse("2026-03-01T00:00:00Z")))
                .isEqualTo(new Price(1000, 100_000, 1_000_000));
        assertThat(catalog.price(FLASH, Instant.parse("2026-05-31T23:59:59.999Z")))
                .isEqualTo(new Price(1000, 100_000, 1_000_000));
        assertThat(catalog.price(FLASH, Instant.parse("2026-06-01T00:00:00Z")))
                .isEqualTo(new Price(2000, 200_000, 2_000_000));
        assertThat(catalog.price("deepseek-v4-pro", OFF_PEAK)).isNull();
    }

    @Test
    void countPeaksInTheirZone() {
        Catalog catalog = priced(
                "prices.deepseek-flash[0].peak", "night",
                "peaks.night.factor", "0.5",
                "peaks.night.zone", "Asia/Shanghai",
                "peaks.night.days", "sunday",
                "peaks.night.hours", "22:00-24:00, 00:00-02:00",
                "peaks.night.holidays", "2026-11-29");

        // Sunday in Shanghai, 8 hours ahead.
        assertThat(output(catalog, "2026-11-21T16:00:00Z")).isEqualTo(500_000);
        assertThat(output(catalog, "2026-11-21T15:59:00Z")).isEqualTo(1_000_000);
        assertThat(output(catalog, "2026-11-22T15:59:59Z")).isEqualTo(500_000);
        assertThat(output(catalog, "2026-11-22T16:00:00Z")).isEqualTo(1_000_000);
        assertThat(output(catalog, "2026-11-28T16:00:00Z")).as("a holiday").isEqualTo(1_000_000);
    }

    @Test
    void countPeaksByTheClocksOnTheWallWhenTheyAreChanged() {
        Catalog catalog = priced(
                "prices.deepseek-flash[0].peak", "early",
                "peaks.early.factor", "2",
                "peaks.early.zone", "Europe/Berlin",
                "peaks.early.days", "sunday",
                "peaks.early.hours", "02:00-03:00");

        // In summer two hours ahead, in winter one; in October the hour comes twice, in March not at all.
        assertThat(output(catalog, "2026-10-18T00:30:00Z")).isEqualTo(2_000_000);
        assertThat(output(catalog, "2026-10-18T01:30:00Z")).isEqualTo(1_000_000);
        assertThat(output(catalog, "2026-10-25T00:30:00Z")).isEqualTo(2_000_000);
        assertThat(output(catalog, "2026-10-25T01:30:00Z")).isEqualTo(2_000_000);
        assertThat(output(catalog, "2026-10-25T02:00:00Z")).isEqualTo(1_000_000);
        assertThat(output(catalog, "2026-11-01T01:30:00Z")).isEqualTo(2_000_000);
        assertThat(output(catalog, "2026-03-29T00:59:59Z")).isEqualTo(1_000_000);
        assertThat(output(catalog, "2026-03-29T01:00:00Z")).isEqualTo(1_000_000);
    }

    @Test
    void sumToTheNearestNanodollarHalfUp() {
        assertThat(new Price(3000, 150_000, 600_000).nanos(64, 36, 41)).isEqualTo(192 + 5400 + 24_600);
        assertThat(new Price(1, 0, 0).nanos(499, 0, 0)).isZero();
        assertThat(new Price(1, 0, 0).nanos(500, 0, 0)).isOne();
        assertThat(new Price(500, 500, 500).nanos(1, 1, 1))
                .as("rounded once, not thrice")
                .isEqualTo(2);
    }

    @Test
    void agreeWithExactArithmeticForWhateverIsConfigured() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 2000; i++) {
            BigDecimal usd = new BigDecimal(BigInteger.valueOf(random.nextLong(1_000_000_001)), 6);
            var row = new Price.Row(Instant.EPOCH, usd, usd, usd, null);
            Prices prices = new Prices(Map.of(FLASH, List.of(row)), Map.of());
            long cached = random.nextInt(Integer.MAX_VALUE);
            long uncached = random.nextInt(Integer.MAX_VALUE);
            long output = random.nextInt(Integer.MAX_VALUE);
            BigDecimal nanos = usd.multiply(BigDecimal.valueOf(cached + uncached + output))
                    .multiply(BigDecimal.valueOf(1000))
                    .setScale(0, RoundingMode.HALF_UP);
            assertThat(prices.of(FLASH, OFF_PEAK).nanos(cached, uncached, output))
                    .as("seed %s", seed)
                    .isEqualTo(nanos.longValueExact());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prices.deepseek-flash[0].output | -0.1 | gateway.catalog.prices.deepseek-flash costs -0.1 USD",
                "prices.deepseek-flash[0].output | 1000.1 | gateway.catalog.prices.deepseek-flash costs 1000.1 USD",
                "prices.deepseek-flash[0].output | 0.0000001 | gateway.catalog.prices.deepseek-flash costs 0.0000001 USD",
                "prices.deepseek-flash[0].peak | noon | the peak 'noon' is none of gateway.catalog.peaks: []",
                "prices.deepseek-flash[1].output | 1 | from: write when the price begins to hold",
                "prices.deepseek-flash[0].output | cheap | cheap",
                "peaks.noon.hours | 12:00-13:00 | the factor of a peak is null: write more than 0",
                "peaks.noon.factor | 0 | the factor of a peak is 0: write more than 0",
                "peaks.noon.factor | 2 | a peak without days or without hours never comes",
            })
    void nameWhatIsMalformed(String key, String value, String message) {
        assertThatThrownBy(() -> priced(key, value)).hasStackTraceContaining(message);
    }

    @ParameterizedTest
    @CsvSource({"1:00-04:00", "04:00-01:00", "01:00-01:00", "01:00-25:00", "01:60-02:00", "01:00", "24:00-24:00"})
    void refuseHoursThatAreNone(String hours) {
        assertThatThrownBy(() -> Peak.Hours.of(hours))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(hours);
    }

    private static long output(Catalog catalog, String start) {
        return catalog.price(FLASH, Instant.parse(start)).output();
    }

    /** A catalog with a price of flash, and {@code more}. */
    private static Catalog priced(String... more) {
        String[] all = new String[8 + more.length];
        System.arraycopy(
                new String[] {
                    "prices.deepseek-flash[0].from", "2026-01-01T00:00:00Z",
                    "prices.deepseek-flash[0].input-cached", "0.1",
                    "prices.deepseek-flash[0].input-uncached", "1",
                    "prices.deepseek-flash[0].output", "1"
                },
                0,
                all,
                0,
                8);
        System.arraycopy(more, 0, all, 8, more.length);
        return catalog(all);
    }

    private static Catalog catalog(String... properties) {
        Map<String, String> all = new HashMap<>(Map.of(
                "gateway.catalog.upstreams.deepseek.base-url", "https://api.deepseek.com",
                "gateway.catalog.upstreams.deepseek.api-key", "sk-1"));
        for (int i = 0; i < properties.length; i += 2) {
            all.put("gateway.catalog." + properties[i], properties[i + 1]);
        }
        return new Catalog(new Binder(
                        List.of(new MapConfigurationPropertySource(all)),
                        null,
                        ApplicationConversionService.getSharedInstance(),
                        null,
                        null)
                .bindOrCreate("gateway.catalog", CatalogProperties.class));
    }

    private static Catalog bundled() throws IOException {
        StandardEnvironment environment = new StandardEnvironment();
        environment.getPropertySources().addFirst(new MapPropertySource("key", Map.of("DEEPSEEK_API_KEY", "sk-1")));
        new YamlPropertySourceLoader()
                .load("bundled", new ClassPathResource("application.yaml"))
                .forEach(environment.getPropertySources()::addLast);
        ConfigurationPropertySources.attach(environment);
        return new Catalog(Binder.get(environment).bindOrCreate("gateway.catalog", CatalogProperties.class));
    }
}
