package io.deepgate.api;

/** What clients can ask for, and the upstream's path for it. */
public enum Endpoint {
    CHAT("chat", "/chat/completions");

    private final String operation;
    private final String path;

    Endpoint(String operation, String path) {
        this.operation = operation;
        this.path = path;
    }

    /** Its name in OpenTelemetry's conventions for generative AI, {@code gen_ai.operation.name}. */
    public String operation() {
        return operation;
    }

    /** The path below an upstream's base URL. */
    public String path() {
        return path;
    }
}
