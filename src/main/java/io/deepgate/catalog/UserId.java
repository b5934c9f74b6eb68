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
 * changes, or one per caller's {@code user_id}, of which DeepSeek sees only a digest.
 */
final class UserId {

    private static final int DIGEST_BYTES = 8;

    private UserId() {}

    static void apply(RequestBody body, Tenant tenant, Dialect dialect, Splice splice) {
        if (dialect == Dialect.CHAT || dialect == Dialect.COMPLETIONS) {
            Member said = body.member("user_id");
            String suffix = said == null || said.text() == null ? "" : '-' + digest(said.text());
            splice.set("user_id", '"' + tenant.id() + suffix + '"');
        }
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
