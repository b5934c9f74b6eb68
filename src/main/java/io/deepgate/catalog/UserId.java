package io.deepgate.catalog;

import io.deepgate.access.Tenant;
import io.deepgate.api.Dialect;
import io.deepgate.api.Member;
import io.deepgate.api.RequestBody;
import io.deepgate.api.Splice;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * DeepSeek keeps verdicts, cache and scheduling of different {@code user_id}s apart. Each tenant gets one that never
 * changes, or one per caller's {@code user_id}, of which DeepSeek sees only a digest. Source: DeepSeek's documentation,
 * "Rate Limit & Isolation": in Anthropic's requests it stands in {@code metadata}, of which DeepSeek reads nothing else.
 */
final class UserId {

    private static final int DIGEST_BYTES = 8;

    private UserId() {}

    static void apply(RequestBody body, Tenant tenant, Dialect dialect, Splice splice) {
        String name = dialect == Dialect.MESSAGES ? "metadata" : "user_id";
        Member said = body.member(name);
        String suffix = said == null || said.text() == null || said.text().isEmpty() ? "" : '-' + digest(said.text());
        String id = '"' + tenant.id() + suffix + '"';
        splice.set(name, dialect == Dialect.MESSAGES ? "{\"user_id\":" + id + "}" : id);
    }

    private static String digest(String userId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(userId.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
