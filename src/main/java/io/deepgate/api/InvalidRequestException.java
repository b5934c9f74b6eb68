package io.deepgate.api;

import org.jspecify.annotations.Nullable;

/** The request cannot be read, or contradicts itself; the message says what to send instead. */
public final class InvalidRequestException extends RuntimeException {

    private final String code;
    private final @Nullable String param;

    /**
     * @param code OpenAI's code for it, such as {@code invalid_value}
     * @param param the field at fault, or null if it is no one field
     */
    public InvalidRequestException(String code, @Nullable String param, String message) {
        super(message, null, false, false);
        this.code = code;
        this.param = param;
    }

    public String code() {
        return code;
    }

    public @Nullable String param() {
        return param;
    }
}
