package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;
import org.springframework.mock.web.server.MockServerWebExchange;
import org.springframework.security.web.server.WebFilterChainProxy;

/** Who may see what on the management port. */
class OperatorSecurityTests {

    private static final WebFilterChainProxy WITHOUT_LOGIN = new WebFilterChainProxy(OperatorSecurity.chain(Map.of()));

    @Test
    void showsOthersNoMoreThanHealthAndMetrics() {
        for (String path : new String[] {"/", "/console/live", "/console/console.js", "/usage"}) {
            MockServerWebExchange exchange = ask("192.0.2.7", path);
            assertThat(exchange.getResponse().getStatusCode()).as(path).isEqualTo(HttpStatus.FORBIDDEN);
            assertThat(exchange.getResponse().getBodyAsString().block())
                    .contains("gateway.watch.users", "port-forward");
        }
        for (String path : new String[] {"/actuator/health", "/actuator/health/liveness", "/actuator/prometheus"}) {
            assertThat(ask("192.0.2.7", path).getResponse().getStatusCode())
                    .as(path)
                    .isEqualTo(HttpStatus.NO_CONTENT);
        }
    }

    @Test
    void showsAllToThisMachine() {
        assertThat(ask("127.0.0.1", "/console/live").getResponse().getStatusCode())
                .isEqualTo(HttpStatus.NO_CONTENT);
        assertThat(ask("::1", "/").getResponse().getStatusCode()).isEqualTo(HttpStatus.NO_CONTENT);
    }

    @Test
    void takesNoPasswordThatIsNoHash() {
        for (String password : new String[] {"secret", "{noop}secret"}) {
            assertThatThrownBy(() -> new WatchProperties(Duration.ZERO, Map.of("anna", password)))
                    .hasMessageContaining("gateway.watch.users.anna is no hash")
                    .hasMessageNotContaining("secret");
        }
    }

    private static MockServerWebExchange ask(String address, String path) {
        MockServerWebExchange exchange = MockServerWebExchange.from(
                MockServerHttpRequest.get(path).remoteAddress(new InetSocketAddress(address, 4711)));
        WITHOUT_LOGIN
                .filter(exchange, served -> {
                    served.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
                    return served.getResponse().setComplete();
                })
                .block();
        return exchange;
    }
}
