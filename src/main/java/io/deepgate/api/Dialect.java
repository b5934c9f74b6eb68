package io.deepgate.api;

/** The words a request and its errors are written in. */
public enum Dialect {
    /** OpenAI's chat completions. */
    CHAT("max_tokens"),
    /** OpenAI's older completions, which DeepSeek uses for fill-in-the-middle. */
    COMPLETIONS("max_tokens"),
    /** OpenAI's responses. */
    RESPONSES("max_output_tokens"),
    /** Anthropic's messages. */
    MESSAGES("max_tokens");

    private final String completionLimit;

    Dialect(String completionLimit) {
        this.completionLimit = completionLimit;
    }

    /** The member that bounds the completion. */
    public String completionLimit() {
        return completionLimit;
    }
}
