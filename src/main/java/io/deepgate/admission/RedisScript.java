package io.deepgate.admission;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** What Redis is told to do, each of it as one step. */
enum RedisScript {
    /** Claims all that a call will probably use, or nothing. */
    ADMIT("state.lua", "admit.lua"),
    /** Ends a call. */
    SETTLE("state.lua", "settle.lua"),
    /** Raises what was spent to what is recorded as spent. */
    RESTORE("state.lua", "restore.lua"),
    /** Keeps entries for some time more, and counts those there are. */
    LEASE("lease.lua");

    private final String text;
    private final String digest;

    RedisScript(String... files) {
        StringBuilder all = new StringBuilder();
        for (String file : files) {
            all.append(read(file));
        }
        text = all.toString();
        digest = sha1(text);
    }

    String text() {
        return text;
    }

    /** By which Redis calls it once it has it. */
    String digest() {
        return digest;
    }

    private static String read(String file) {
        try (InputStream in = RedisScript.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException(file + " is not in the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String sha1(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
