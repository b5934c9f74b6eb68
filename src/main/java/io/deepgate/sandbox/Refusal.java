package io.deepgate.sandbox;

/** DeepSeek's no: a status and the error it writes, in the words seen in autumn 2026. */
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private static final String INVALID = "invalid_request_error";

    private final int status;
    private final String type;

    private Refusal(int status, String type, String message) {
        super(message, null, false, false);
        this.status = status;
        this.type = type;
    }

    int status() {
        return status;
    }

    String type() {
        return type;
    }

    String message() {
        return String.valueOf(getMessage());
    }

    /** Understood, but contradictory or not supported. */
    static Refusal invalid(String message) {
        return new Refusal(400, INVALID, message);
    }

    /** A name DeepSeek's deserialiser does not know; reported with 400 where other misreadings get 422. */
    static Refusal unknownVariant(String where, String variant, String expected) {
        return invalid("Failed to deserialize the JSON body into the target type: %s: unknown variant `%s`, expected %s"
                .formatted(where, variant, expected));
    }

    /** JSON, but not of the shape DeepSeek reads. */
    static Refusal unreadable(String what) {
        return new Refusal(422, INVALID, "Failed to deserialize the JSON body into the target type: " + what);
    }

    static Refusal noKey() {
        return new Refusal(
                401, "authentication_error", "Authentication Fails (auth header format should be Bearer sk-...)");
    }

    static Refusal wrongKey(String key) {
        String shown = key.substring(Math.max(0, key.length() - 4));
        return new Refusal(
                401, "authentication_error", "Authentication Fails, Your api key: ****" + shown + " is invalid");
    }

    /** What DeepSeek says with this status when nobody asked for anything in particular. */
    static Refusal of(int status) {
        return switch (status) {
            case 400 -> invalid("Content Exists Risk");
            case 401 -> wrongKey("sk-3750");
            case 402 -> new Refusal(402, "unknown_error", "Insufficient Balance");
            case 422 -> unreadable("missing field `messages` at line 1 column 2");
            case 429 ->
                new Refusal(
                        429,
                        "rate_limit_error",
                        "Too many requests. Your current concurrency is 26, which exceeds your concurrency limit of 25"
                                + " based on your remaining balance. Please top up your balance to restore your"
                                + " concurrency.");
            case 503 ->
                new Refusal(
                        503,
                        "service_unavailable_error",
                        "Service is too busy. We advise users to temporarily switch to alternative LLM API service"
                                + " providers.");
            default -> new Refusal(status, "internal_error", "Internal Server Error");
        };
    }
}
