package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.LogLines;
import io.deepgate.catalog.Nowhere;
import io.deepgate.catalog.Upstream;
import io.deepgate.catalog.UpstreamKey;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyringTests {

    private static final Duration REST = Duration.ofSeconds(60);
    private static final UpstreamKey FIRST = new UpstreamKey("sk-first-0123456789");
    private static final UpstreamKey SECOND = new UpstreamKey("sk-second-0123456789");
    private static final Upstream UPSTREAM = Nowhere.named("deepseek", FIRST.value(), SECOND.value());
    private static final Upstream OTHER = Nowhere.named("other", FIRST.value());

    private final AtomicLong clock = new AtomicLong();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Keyring keyring = new Keyring(() -> List.of(UPSTREAM, OTHER), REST, clock::get, registry);

    @Test
    void prefersTheFirstKey() {
        assertThat(keyring.usable(UPSTREAM)).isEqualTo(FIRST);
        assertThat(keyring.resting()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 402})
    void letsAKeyRestThatIsRefused(int status) {
        keyring.refused(UPSTREAM, FIRST, status);

        assertThat(keyring.usable(UPSTREAM)).isEqualTo(SECOND);
        assertThat(keyring.usable(OTHER)).as("the same key elsewhere").isEqualTo(FIRST);
        assertThat(keyring.resting()).containsExactly(Map.entry("deepseek", "1 of 2"));
        assertThat(gauge("deepseek")).isEqualTo(1);
        assertThat(gauge("other")).isZero();
    }

    @Test
    void keepsAKeyThatIsGoodButNotForTheCall() {
        keyring.refused(UPSTREAM, FIRST, 403);

        assertThat(keyring.usable(UPSTREAM)).isEqualTo(FIRST);
        assertThat(keyring.resting()).isEmpty();
    }

    @Test
    void usesAKeyAgainAfterItsRest() {
        keyring.refused(UPSTREAM, FIRST, 401);
        clock.addAndGet(REST.toNanos() - 1);
        assertThat(keyring.usable(UPSTREAM)).isEqualTo(SECOND);
        clock.addAndGet(1);

        assertThat(keyring.usable(UPSTREAM)).isEqualTo(FIRST);
        assertThat(gauge("deepseek")).isZero();
    }

    @Test
    void hasNoKeyWhenAllRestButAnyWhereNothingElseIsLeft() {
        keyring.refused(UPSTREAM, FIRST, 401);
        keyring.refused(UPSTREAM, SECOND, 402);

        assertThat(keyring.usable(UPSTREAM)).isNull();
        assertThat(keyring.any(UPSTREAM)).isEqualTo(FIRST);
        assertThat(keyring.resting()).containsExactly(Map.entry("deepseek", "2 of 2"));
    }

    @Test
    void tellsOperatorsOnceWhichKeyItIsAndNothingOfIt() {
        try (LogLines log = LogLines.of(Keyring.class)) {
            for (int i = 0; i < 3; i++) {
                keyring.refused(UPSTREAM, SECOND, 401);
            }
            keyring.taken(UPSTREAM, SECOND);
            keyring.taken(UPSTREAM, SECOND);
            keyring.refused(OTHER, FIRST, 402);

            assertThat(log.texts())
                    .containsExactly(
                            "ERROR The upstream 'deepseek' refuses the gateway's key (2 of 2)",
                            "INFO The upstream 'deepseek' takes calls again (2 of 2)",
                            "ERROR The upstream 'other' says that the gateway's account is empty");
        }
        assertThat(keyring.toString() + keyring.resting() + UPSTREAM).doesNotContain("sk-");
    }

    private double gauge(String upstream) {
        return registry.get("gateway.forward.keys.resting")
                .tag("upstream", upstream)
                .gauge()
                .value();
    }
}
