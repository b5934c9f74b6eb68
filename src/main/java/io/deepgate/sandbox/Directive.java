package io.deepgate.sandbox;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One of the things a user message can ask the sandbox to do; {@link Directives} describes them. */
enum Directive {
    STATUS("status 503", "status (400|401|402|422|429|500|503)"),
    STALL("stall", "stall"),
    STALL_AFTER("stall after 5", "stall after (\\d{1,6})"),
    KEEP_ALIVE_FOREVER("keep-alive forever", "keep-alive forever"),
    RESET("reset", "reset"),
    RESET_AFTER("reset after 5", "reset after (\\d{1,6})"),
    CLOSE_AFTER("close after 5", "close after (\\d{1,6})"),
    NEVER_ENDS("never ends", "never ends"),
    GARBAGE("garbage", "garbage"),
    GARBAGE_AFTER("garbage after 3", "garbage after (\\d{1,6})"),
    QUEUE("queue 3s", "queue (\\d{1,5}(?:ms|s|m))"),
    DELAY("delay 2s", "delay (\\d{1,5}(?:ms|s|m))"),
    RATE("rate 20", "rate ([1-9]\\d{0,4})"),
    TOKENS("tokens 200", "tokens ([1-9]\\d{0,5})"),
    SAY("say some text", "say (.+)"),
    FINISH("finish length", "finish (\\w+)"),
    NULL_CONTENT("null content", "null content"),
    EMPTY_CHOICES("empty choices", "empty choices"),
    NO_USAGE("no usage", "no usage"),
    USAGE_SEPARATE("usage separate", "usage separate");

    private final String example;
    private final Pattern pattern;

    Directive(String example, String pattern) {
        this.example = example;
        this.pattern = Pattern.compile(pattern, Pattern.DOTALL);
    }

    String example() {
        return "[[" + example + "]]";
    }

    /** The argument (empty for a directive without one), or null when the text is not this directive. */
    @Nullable
    String argument(String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        return matcher.groupCount() == 0 ? "" : matcher.group(1);
    }
}
