package io.deepgate.watch;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import org.springframework.web.util.UriComponentsBuilder;

/** An OpenID provider that lets everybody in as {@code anna}, with tokens that it signs. */
final class OidcProvider implements AutoCloseable {

    static final String CLIENT = "console";

    private final HttpServer server;
    private final RSAKey key;
    private volatile String nonce = "";
    private volatile boolean forging;
    private volatile Map<String, Object> claims = Map.of();
    private volatile String loggedOut = "";

    OidcProvider() throws IOException, JOSEException {
        key = new RSAKeyGenerator(2048).keyID("one").generate();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/.well-known/openid-configuration", exchange -> json(exchange, """
                {"issuer":"ISSUER","authorization_endpoint":"ISSUER/authorize","token_endpoint":"ISSUER/token",
                 "jwks_uri":"ISSUER/keys","end_session_endpoint":"ISSUER/logout","subject_types_supported":["public"]}""".replace("ISSUER", issuer())));
        server.createContext("/keys", exchange -> json(exchange, new JWKSet(key).toString()));
        server.createContext("/authorize", this::authorize);
        server.createContext("/logout", this::logout);
        server.createContext(
                "/token",
                exchange -> json(
                        exchange,
                        "{\"access_token\":\"at\",\"token_type\":\"Bearer\",\"expires_in\":60,\"id_token\":\"" + token()
                                + "\"}"));
        server.start();
    }

    String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** From now on tokens are signed with a key that is not the published one. */
    void forges() {
        forging = true;
    }

    /** From now on tokens say this of {@code anna} too. */
    void says(Map<String, Object> more) {
        claims = more;
    }

    /** The token of whom it was asked to log out last; empty where it was not. */
    String loggedOut() {
        return loggedOut;
    }

    private void logout(HttpExchange exchange) throws IOException {
        Map<String, String> asked = asked(exchange);
        loggedOut = asked.getOrDefault("id_token_hint", "");
        back(exchange, asked.get("post_logout_redirect_uri"));
    }

    private static Map<String, String> asked(HttpExchange exchange) {
        return UriComponentsBuilder.fromUri(exchange.getRequestURI())
                .build()
                .getQueryParams()
                .asSingleValueMap();
    }

    private static void back(HttpExchange exchange, String encoded) throws IOException {
        exchange.getResponseHeaders().add("location", URLDecoder.decode(encoded, StandardCharsets.UTF_8));
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    private void authorize(HttpExchange exchange) throws IOException {
        Map<String, String> asked = asked(exchange);
        nonce = asked.getOrDefault("nonce", "");
        back(exchange, asked.get("redirect_uri") + "?code=c1&state=" + asked.get("state"));
    }

    private String token() {
        try {
            RSAKey used = forging ? new RSAKeyGenerator(2048).keyID("one").generate() : key;
            JWTClaimsSet.Builder said = new JWTClaimsSet.Builder()
                    .issuer(issuer())
                    .subject("anna")
                    .audience(CLIENT)
                    .claim("nonce", nonce)
                    .issueTime(new Date())
                    .expirationTime(Date.from(Instant.now().plusSeconds(60)));
            claims.forEach(said::claim);
            var jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("one").build(), said.build());
            jwt.sign(new RSASSASigner(used));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void json(HttpExchange exchange, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("content-type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
