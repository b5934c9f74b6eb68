package io.deepgate.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A tenant's secret, {@code dg-<id>-<secret>}. The id is public and names the key in logs and dashboards; the whole key
 * is shown once, when it is made, and only its SHA-256 is kept.
 */
public record ApiKey(String id, String value) {

    private static final String PREFIX = "dg-";
    private static final String LETTERS = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ";
    private static final String ALPHABET = LETTERS + "23456789";
    private static final int LONGEST = 200;

    /** Copied for each key: asked for anew, it is looked up and made by reflection. */
    private static final MessageDigest SHA_256 = digest();

    private static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** The key that {@code text} holds, or null if it has not the form of one. */
    public static @Nullable ApiKey parse(String text) {
        if (text.length() > LONGEST || !text.startsWith(PREFIX)) {
            return null;
        }
        int end = text.indexOf('-', PREFIX.length());
        if (end <= PREFIX.length() || end == text.length() - 1) {
            return null;
        }
        return new ApiKey(text.substring(PREFIX.length(), end), text);
    }

    /** A new key: an id of 6 characters, a secret of 40 (more than 230 bits). */
    public static ApiKey generate() {
        SecureRandom random = new SecureRandom();
        // A letter first, so that no YAML reader takes the id for a number.
        String id = pick(random, LETTERS, 1) + pick(random, ALPHABET, 5);
        return new ApiKey(id, PREFIX + id + "-" + pick(random, ALPHABET, 40));
    }

    /** SHA-256 of the whole key, 32 bytes. */
    public byte[] sha256() {
        try {
            return ((MessageDigest) SHA_256.clone()).digest(value.getBytes(StandardCharsets.UTF_8));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("every JDK's SHA-256 can be copied", e);
        }
    }

    /** SHA-256 of the whole key as 64 hex digits, as the tenants file has it. */
    public String sha256Hex() {
        return HexFormat.of().formatHex(sha256());
    }

    private static String pick(SecureRandom random, String from, int length) {
        StringBuilder picked = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            picked.append(from.charAt(random.nextInt(from.length())));
        }
        return picked.toString();
    }

    @Override
    public String toString() {
        return "ApiKey[" + id + "]";
    }
}
