package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ConnectTimeoutException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.netty.http.client.PrematureCloseException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquirePendingLimitException;
import reactor.netty.internal.shaded.reactor.pool.PoolAcquireTimeoutException;

class UpstreamErrorsTests {

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new ConnectException("refused"), 503, "cannot be connected to"),
                Arguments.of(new UnknownHostException("api"), 503, "name cannot be resolved"),
                Arguments.of(new PoolAcquireTimeoutException(Duration.ofSeconds(1)), 503, "are in use"),
                Arguments.of(new PoolAcquirePendingLimitException(1), 503, "are in use"),
                Arguments.of(new IOException("Connection reset by peer"), 502, "broke before"),
                Arguments.of(PrematureCloseException.TEST_EXCEPTION, 502, "broke before"),
                Arguments.of(new IllegalStateException("?"), 502, "broke before"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void saysWhatBecameOfTheConnection(Throwable failure, int status, String message) {
        assertThat(translated(failure)).isInstanceOfSatisfying(UpstreamUnavailableException.class, unavailable -> {
            assertThat(unavailable.status()).isEqualTo(status);
            assertThat(unavailable).hasMessageContaining(message).hasCause(failure);
            assertThat(unavailable.getStackTrace()).isEmpty();
        });
    }

    @Test
    void saysThatConnectingTookTooLong() {
        assertThat(translated(new ConnectTimeoutException("30 s")))
                .isInstanceOfSatisfying(
                        UpstreamTimeoutException.class,
                        timeout -> assertThat(timeout.waited()).isEqualTo(UpstreamTimeoutException.Wait.CONNECT))
                .hasMessage("The upstream could not be connected to within 1.5 s.");
    }

    @Test
    void leavesWhatIsSaidAlready() {
        var refused = new UpstreamRefusedException(400, "{}", null, null);
        var unavailable = new UpstreamUnavailableException("Said.", 502, null);

        assertThat(translated(refused)).isSameAs(refused);
        assertThat(translated(unavailable)).isSameAs(unavailable);
    }

    private static RuntimeException translated(Throwable failure) {
        return UpstreamErrors.translated(failure, Duration.ofMillis(1500));
    }
}
