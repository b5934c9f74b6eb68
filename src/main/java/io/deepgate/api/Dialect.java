package io.deepgate.api;

/** The words a request, its answer and its errors are written in. */
public enum Dialect {
    /** OpenAI's chat completions. */
    CHAT("max_tokens", Envelope.OPENAI, false),
    /** OpenAI's older completions, which DeepSeek uses for fill-in-the-middle. */
    COMPLETIONS("max_tokens", Envelope.OPENAI, false),
    /** OpenAI's responses. */
    RESPONSES("max_output_tokens", Envelope.OPENAI, true),
    /** Anthropic's messages. */
    MESSAGES("max_tokens", Envelope.ANTHROPIC, true);

    private final String completionLimit;
    private final Envelope envelope;
    private final boolean namesEvents;

    Dialect(String completionLimit, Envelope envelope, boolean namesEvents) {
        this.completionLimit = completionLimit;
        this.envelope = envelope;
        this.namesEvents = namesEvents;
    }

    /** The member that bounds the completion. */
    public String completionLimit() {
        return completionLimit;
    }

    public Envelope envelope() {
        return envelope;
    }

    /** Whether the events of a stream have names, and one of them, not {@code [DONE]}, says that it is complete. */
    public boolean namesEvents() {
        return namesEvents;
    }
}
