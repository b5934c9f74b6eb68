package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.deepgate.Gateway;
import java.net.CookieManager;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/** Who may see what on the management port. */
class OperatorSecurityTests {

    private static final URI NOWHERE = URI.create("http://127.0.0.1:1");
    private static final String[] OPERATORS = {"/", "/console/live", "/console/console.js", "/usage", "/actuator/sbom"};
    private static final String[] OPEN = {
        "/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness", "/actuator/prometheus"
    };

    private final HttpClient client = HttpClient.newBuilder()
            .cookieHandler(new CookieManager())
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();

    @Test
    void showsOthersNoMoreThanHealthAndMetrics() throws Exception {
        InetAddress other = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                .findFirst()
                .orElse(null);
        assumeTrue(other != null, "this machine has no address but loopback");
        try (Gateway gateway = Gateway.inFrontOf(NOWHERE, "management.server.address=0.0.0.0")) {
            String base = "http://" + other.getHostAddress() + ":" + gateway.managementPort();
            for (String path : OPERATORS) {
                HttpResponse<String> answer = ask(base + path);
                assertThat(answer.statusCode()).as(path).isEqualTo(403);
                assertThat(answer.body())
                        .contains("gateway.watch.users", "spring.security.oauth2.client", "port-forward");
                assertThat(ask(base + path, "x-forwarded-for", "127.0.0.1").statusCode())
                        .as(path)
                        .isEqualTo(403);
            }
            for (String path : OPEN) {
                assertThat(ask(base + path).statusCode()).as(path).isEqualTo(200);
            }
        }
    }

    @Test
    void showsAllToThisMachineButNotThroughAProxyOnIt() throws Exception {
        try (Gateway gateway = Gateway.inFrontOf(NOWHERE, "server.forward-headers-strategy=native")) {
            String base = "http://127.0.0.1:" + gateway.managementPort();
            HttpResponse<String> page = ask(base + "/");
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.headers().firstValue("content-security-policy").orElse(""))
                    .contains("default-src 'self'", "frame-ancestors 'none'", "form-action 'self'");
            assertThat(page.headers().firstValue("x-frame-options")).hasValue("DENY");
            assertThat(page.headers().firstValue("x-content-type-options")).hasValue("nosniff");
            assertThat(ask(base + "/console/live").statusCode()).isEqualTo(200);
            assertThat(ask(base + "/console/live", "x-forwarded-for", "127.0.0.1")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(ask(base + "/console/live", "forwarded", "for=127.0.0.1").statusCode())
                    .isEqualTo(403);
        }
    }

    @Test
    void letsNobodyChangeAnythingWithoutAToken() throws Exception {
        try (Gateway gateway = Gateway.inFrontOf(NOWHERE)) {
            HttpRequest post = HttpRequest.newBuilder(
                            URI.create("http://127.0.0.1:" + gateway.managementPort() + "/usage"))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();

            assertThat(client.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(403);
        }
    }

    @Test
    void letsOperatorsInByAnOpenIdProvider() throws Exception {
        try (OidcProvider provider = new OidcProvider();
                Gateway gateway = behind(provider.issuer())) {
            String base = "http://127.0.0.1:" + gateway.managementPort();
            for (String path : OPEN) {
                assertThat(ask(base + path).statusCode()).as(path).isEqualTo(200);
            }
            assertThat(ask(base + "/console/live").statusCode()).isEqualTo(401);
            assertThat(ask(base + "/usage", "authorization", "Basic YW5uYTpjb3JyZWN0")
                            .statusCode())
                    .as("a user's password")
                    .isEqualTo(200);

            HttpResponse<String> page = ask(base + "/", "accept", "text/html");
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.uri()).hasPath("/").hasPort(gateway.managementPort());
            assertThat(page.body()).contains("<title>Deepgate console</title>");
            assertThat(ask(base + "/console/live").body()).contains("\"login\":true", "\"logout\":false");
        }
    }

    @Test
    void refusesATokenThatTheProviderDidNotSign() throws Exception {
        try (OidcProvider provider = new OidcProvider();
                Gateway gateway = behind(provider.issuer())) {
            provider.forges();
            String base = "http://127.0.0.1:" + gateway.managementPort();

            HttpResponse<String> page = ask(base + "/", "accept", "text/html");

            assertThat(page.statusCode()).isEqualTo(401);
            assertThat(page.body()).contains("was refused");
            assertThat(ask(base + "/console/live").statusCode()).isEqualTo(401);
        }
    }

    @Test
    void startsWithoutTheProviderAndServes() throws Exception {
        try (Gateway gateway = behind("http://127.0.0.1:1")) {
            String base = "http://127.0.0.1:" + gateway.managementPort();

            assertThat(ask(base + "/actuator/health/readiness").statusCode()).isEqualTo(200);
            assertThat(ask(base + "/", "accept", "text/html").statusCode()).isEqualTo(503);
        }
    }

    @Test
    void takesNoPasswordThatIsNoHash() {
        for (String password : new String[] {"secret", "{noop}secret"}) {
            assertThatThrownBy(() -> new WatchProperties(Duration.ZERO, Map.of("anna", password)))
                    .hasMessageContaining("gateway.watch.users.anna is no hash")
                    .hasMessageNotContaining("secret");
        }
    }

    private static Gateway behind(String issuer) {
        String client = "spring.security.oauth2.client.";
        return Gateway.inFrontOf(
                NOWHERE,
                client + "provider.sso.issuer-uri=" + issuer,
                client + "registration.sso.client-id=" + OidcProvider.CLIENT,
                client + "registration.sso.client-secret=secret",
                client + "registration.sso.scope=openid",
                "gateway.watch.users.anna={bcrypt}" + new BCryptPasswordEncoder(4).encode("correct"));
    }

    private HttpResponse<String> ask(String url, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }
}
