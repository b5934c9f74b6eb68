package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.nimbusds.jwt.SignedJWT;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

/** Who may see what on the management port. */
@ExtendWith(OutputCaptureExtension.class)
class OperatorSecurityTests {

    private static final URI NOWHERE = URI.create("http://127.0.0.1:1");
    private static final String[] OPERATORS = {
        "/", "/console/live", "/console/console.js", "/usage", "/rollouts", "/rollouts/fast", "/actuator/sbom"
    };
    private static final String[] OPEN = {
        "/actuator/health", "/actuator/health/liveness", "/actuator/health/readiness", "/actuator/prometheus"
    };

    private final HttpClient client = browser();

    private static HttpClient browser() {
        return HttpClient.newBuilder()
                .cookieHandler(new CookieManager())
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
    }

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
            assertThat(ask(base + "/nothere").body()).isEqualTo("404 NOT_FOUND\n");
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
            assertThat(ask(base + "/console/live").body()).contains("\"login\":true");
        }
    }

    @Test
    void letsOperatorsOutHereAndAtTheProvider() throws Exception {
        try (OidcProvider provider = new OidcProvider();
                Gateway gateway = behind(provider.issuer())) {
            String base = "http://127.0.0.1:" + gateway.managementPort();
            assertThat(ask(base + "/", "accept", "text/html").statusCode()).isEqualTo(200);
            Matcher token = Pattern.compile("name=\"_csrf\"[^>]*value=\"([^\"]+)\"")
                    .matcher(ask(base + "/logout", "accept", "text/html").body());
            assertThat(token.find()).isTrue();

            HttpResponse<String> out = client.send(
                    HttpRequest.newBuilder(URI.create(base + "/logout"))
                            .header("content-type", "application/x-www-form-urlencoded")
                            .POST(HttpRequest.BodyPublishers.ofString("_csrf=" + token.group(1)))
                            .build(),
                    BodyHandlers.ofString());

            assertThat(out.uri()).isEqualTo(URI.create(base + "/logged-out"));
            assertThat(out.body()).contains("You are logged out");
            assertThat(SignedJWT.parse(provider.loggedOut()).getJWTClaimsSet().getSubject())
                    .isEqualTo("anna");
            assertThat(ask(base + "/console/live").statusCode()).isEqualTo(401);
        }
    }

    @Test
    void letsInOfTheProvidersUsersOnlyThoseWhoAreListed(CapturedOutput output) throws Exception {
        try (OidcProvider provider = new OidcProvider();
                Gateway gateway = behind(
                        provider.issuer(),
                        "gateway.watch.operators.groups=platform,on-call",
                        "gateway.watch.operators.email=anna@example.com")) {
            assertThat(output).doesNotContain("gateway.watch.operators lists nobody");
            String base = "http://127.0.0.1:" + gateway.managementPort();

            letsIn(false, provider, base, Map.of());
            letsIn(false, provider, base, Map.of("groups", List.of("sales"), "roles", List.of("platform")));
            letsIn(true, provider, base, Map.of("groups", List.of("sales", "on-call")));
            letsIn(true, provider, base, Map.of("groups", "platform"));
            letsIn(false, provider, base, Map.of("email", "anna@example.com"));
            letsIn(false, provider, base, Map.of("email", "anna@example.com", "email_verified", false));
            letsIn(true, provider, base, Map.of("email", "anna@example.com", "email_verified", true));
            letsIn(false, provider, base, Map.of("email", "eve@example.com", "email_verified", true));
            assertThat(ask(base + "/usage", "authorization", "Basic YW5uYTpjb3JyZWN0")
                            .statusCode())
                    .as("a user's password")
                    .isEqualTo(200);
        }
    }

    private static void letsIn(boolean in, OidcProvider provider, String base, Map<String, Object> claims)
            throws Exception {
        provider.says(claims);
        try (HttpClient browser = browser()) {
            HttpResponse<String> page = ask(browser, base + "/", "accept", "text/html");
            assertThat(page.statusCode()).as(claims.toString()).isEqualTo(in ? 200 : 403);
            assertThat(page.body()).contains(in ? "<title>Deepgate console</title>" : "gateway.watch.operators");
            for (String path : new String[] {"/console/live", "/usage", "/actuator/circuitbreakers"}) {
                assertThat(ask(browser, base + path).statusCode()).as(path).isEqualTo(in ? 200 : 403);
            }
        }
    }

    @Test
    void saysThatAllOfTheProvidersUsersAreLetIn(CapturedOutput output) throws Exception {
        try (OidcProvider provider = new OidcProvider();
                Gateway gateway = behind(provider.issuer())) {
            assertThat(gateway.managementPort()).isPositive();
            assertThat(output)
                    .contains("gateway.watch.operators lists nobody, so that whomever the OpenID provider lets");
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
            HttpResponse<String> page = ask(base + "/", "accept", "text/html");
            assertThat(page.statusCode()).isEqualTo(503);
            assertThat(page.body()).isEqualTo("The OpenID provider cannot be asked what it is\n");
        }
    }

    @Test
    void takesNoPasswordThatIsNoHash() {
        for (String password : new String[] {"secret", "{noop}secret", "{MD5}secret", "{bcrypt}secret"}) {
            assertThatThrownBy(() -> new WatchProperties(Duration.ZERO, Map.of("anna", password), Map.of()))
                    .hasMessageContaining("gateway.watch.users.anna is no hash")
                    .hasMessageNotContaining("secret");
        }
    }

    private static Gateway behind(String issuer, String... more) {
        String client = "spring.security.oauth2.client.";
        List<String> properties = new ArrayList<>(List.of(
                client + "provider.sso.issuer-uri=" + issuer,
                client + "registration.sso.client-id=" + OidcProvider.CLIENT,
                client + "registration.sso.client-secret=secret",
                client + "registration.sso.scope=openid",
                "gateway.watch.users.anna={bcrypt}" + new BCryptPasswordEncoder(4).encode("correct")));
        properties.addAll(List.of(more));
        return Gateway.inFrontOf(NOWHERE, properties.toArray(String[]::new));
    }

    private HttpResponse<String> ask(String url, String... headers) throws Exception {
        return ask(client, url, headers);
    }

    private static HttpResponse<String> ask(HttpClient client, String url, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }
}
