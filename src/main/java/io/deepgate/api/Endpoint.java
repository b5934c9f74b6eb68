package io.deepgate.api;

/** What clients can ask for: an upstream's path, and in which words. One pipeline serves them all. */
public enum Endpoint {
    CHAT("chat", "/chat/completions", Dialect.CHAT),
    BETA_CHAT("chat", "/beta/chat/completions", Dialect.CHAT),
    COMPLETIONS("text_completion", "/beta/completions", Dialect.COMPLETIONS),
    RESPONSES("responses", "/responses", Dialect.RESPONSES),
    MESSAGES("messages", "/anthropic/v1/messages", Dialect.MESSAGES);

    private final String operation;
    private final String path;
    private final Dialect dialect;

    Endpoint(String operation, String path, Dialect dialect) {
        this.operation = operation;
        this.path = path;
        this.dialect = dialect;
    }

    /** Its name in logs and meters; OpenTelemetry's {@code gen_ai.operation.name} where there is one. */
    public String operation() {
        return operation;
    }

    /** OpenTelemetry's {@code gen_ai.operation.name}, which knows neither responses nor messages. */
    public String genAiOperation() {
        return this == COMPLETIONS ? operation : "chat";
    }

    /** The path below an upstream's base URL. */
    public String path() {
        return path;
    }

    public Dialect dialect() {
        return dialect;
    }
}
