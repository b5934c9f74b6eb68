package io.deepgate.api;

import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * A member of the request's object that some rule may act on.
 *
 * @param index its place among all members, from 0
 * @param keyStart where its name begins, at the quote
 * @param valueStart where its value begins
 * @param valueEnd behind its value
 * @param kind what its value is; START_OBJECT and START_ARRAY for objects and arrays
 * @param text a string or number as it reads; of an object what rules ask of it, see {@link #told}; null for what has none
 */
public record Member(
        String name,
        int index,
        int keyStart,
        int valueStart,
        int valueEnd,
        JsonToken kind,
        @Nullable String text) {

    /** The members that say who of a tenant's users calls, the most telling first. */
    public static final List<String> USERS = List.of("user_id", "user", "metadata");

    private static final int LONGEST_NUMBER = 20;

    /** The one member of the object {@code name} that rules ask about. */
    static String told(String name) {
        return switch (name) {
            case "stream_options" -> "include_usage";
            case "reasoning", "output_config" -> "effort";
            case "metadata" -> "user_id";
            default -> "type";
        };
    }

    /** The number, or 0 for what is none or none that a token count can be. */
    public long number() {
        return kind == JsonToken.VALUE_NUMBER_INT && text != null && fits(text) ? Long.parseLong(text) : 0;
    }

    /** Whether this is a number beyond what a long can hold. */
    boolean beyondBounds() {
        return kind == JsonToken.VALUE_NUMBER_INT && text != null && !fits(text);
    }

    private static boolean fits(String number) {
        return number.length() <= LONGEST_NUMBER && new BigInteger(number).bitLength() < Long.SIZE;
    }

    /** Whether there is more than {@code null}. */
    boolean given() {
        return kind != JsonToken.VALUE_NULL;
    }
}
