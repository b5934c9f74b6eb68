package io.deepgate.sandbox;

import io.netty.handler.codec.http.HttpHeaders;

/** The API key of a request: any that begins with {@code sk-}, unless its text says that it is invalid or broke. */
record Key(String value) {

    private static final String BEARER = "Bearer ";

    /** Refuses a request without a bearer key, or with an invalid one. */
    static Key bearer(HttpHeaders headers) {
        String authorization = headers.get("authorization", "");
        return valid(authorization.startsWith(BEARER) ? authorization.substring(BEARER.length()) : "");
    }

    static Key in(HttpHeaders headers, String name) {
        return valid(headers.get(name, ""));
    }

    private static Key valid(String key) {
        if (key.isBlank()) {
            throw Refusal.noKey();
        }
        if (!key.startsWith("sk-") || key.contains("invalid")) {
            throw Refusal.wrongKey(key);
        }
        return new Key(key);
    }

    boolean isBroke() {
        return value.contains("broke");
    }

    void checkBalance() {
        if (isBroke()) {
            throw Refusal.of(402);
        }
    }

    @Override
    public String toString() {
        return "Key";
    }
}
