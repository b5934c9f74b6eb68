package io.deepgate.sandbox;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What the model says, whatever the format it is written in.
 *
 * @param id a random hexadecimal number, to which each format gives its own prefix
 * @param created seconds since 1970
 * @param reasoning one element per token, like content
 * @param call the function called instead of content, or null
 * @param finish a chat completion's finish reason
 */
record Answer(
        Ask ask,
        String id,
        long created,
        List<String> reasoning,
        List<String> content,
        @Nullable ToolCall call,
        String finish,
        Usage usage) {

    private static final List<String> THOUGHT = Tokens.split("""
            We are in the sandbox, so no model is running. I should say so plainly, repeat the question so that \
            the reader sees it arrived, and stop there.""");
    private static final List<String> STORY = Tokens.split("""
            This is the sandbox speaking: nothing leaves this machine and nothing is charged. The tokens of this \
            answer come one by one, at the pace of a model, so that a client can be watched at work.\s""");

    static Answer to(Ask ask, PrefixCache cache) {
        Directives directives = ask.directives();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        Ask.Tool tool = directives.has(Directive.SAY) ? null : ask.tool();
        ToolCall call = tool == null ? null : ToolCall.of(tool, random);
        String finish = call == null ? "stop" : "tool_calls";

        Budget budget = new Budget(ask.maxTokens());
        List<String> reasoning = budget.spend(ask.thinking() ? THOUGHT : List.of());
        List<String> content =
                budget.spend(call != null || directives.has(Directive.NULL_CONTENT) ? List.of() : content(ask));
        if (call != null) {
            call = new ToolCall(call.id(), call.name(), budget.spend(call.arguments()));
        }
        if (budget.overdrawn) {
            finish = "length";
        }
        Usage usage =
                new Usage(Tokens.count(ask.prompt()), cache.read(ask), ask.maxTokens() - budget.left, reasoning.size());
        return new Answer(
                ask,
                hex(random.nextLong()) + hex(random.nextLong()),
                Instant.now().getEpochSecond(),
                reasoning,
                content,
                call,
                directives.text(Directive.FINISH, finish),
                usage);
    }

    int tokens() {
        return usage.completion();
    }

    String reasoningText() {
        return String.join("", reasoning);
    }

    String contentText() {
        return String.join("", content);
    }

    /** The usage to report, or null when it is to be left out. */
    @Nullable
    Usage reportedUsage() {
        return ask.directives().has(Directive.NO_USAGE) ? null : usage;
    }

    private static List<String> content(Ask ask) {
        Directives directives = ask.directives();
        String question = Directives.without(ask.question());
        String text;
        if (directives.has(Directive.SAY)) {
            text = directives.text(Directive.SAY, "");
        } else if (ask.json()) {
            text = Json.object().put("sandbox", true).put("question", question).toString();
        } else if (directives.has(Directive.TOKENS)) {
            List<String> tokens = new ArrayList<>();
            for (int i = 0; i < directives.number(Directive.TOKENS, 0); i++) {
                tokens.add(STORY.get(i % STORY.size()));
            }
            return tokens;
        } else {
            text = String.join("", STORY) + "You asked: " + question;
        }
        for (String stop : ask.stops()) {
            int at = stop.isEmpty() ? -1 : text.indexOf(stop);
            text = at < 0 ? text : text.substring(0, at);
        }
        return Tokens.split(text);
    }

    private static String hex(long number) {
        return String.format("%016x", number);
    }

    /** Counts {@code max_tokens} down, over reasoning and content alike. */
    private static final class Budget {

        private int left;
        private boolean overdrawn;

        Budget(int tokens) {
            left = tokens;
        }

        List<String> spend(List<String> tokens) {
            overdrawn |= tokens.size() > left;
            List<String> affordable = tokens.subList(0, Math.min(left, tokens.size()));
            left -= affordable.size();
            return affordable;
        }
    }
}
