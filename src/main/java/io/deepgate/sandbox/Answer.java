package io.deepgate.sandbox;

import io.deepgate.sandbox.Part.Kind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * What the model says, whatever the format it is written in.
 *
 * @param created seconds since 1970
 * @param reasoning one element per token, like content
 * @param call the function called instead of content, or null
 * @param finish a chat completion's finish reason
 */
record Answer(
        Ask ask,
        UUID id,
        long created,
        List<String> reasoning,
        List<String> content,
        @Nullable ToolCall call,
        String finish,
        Usage usage) {

    static Answer to(Ask ask, PrefixCache cache) {
        Directives directives = ask.directives();
        Ask.Tool tool = directives.has(Directive.SAY) ? null : ask.tool();
        ToolCall call = tool == null ? null : ToolCall.of(tool, ThreadLocalRandom.current());
        boolean silent = call != null || directives.has(Directive.NULL_CONTENT);

        Budget budget = new Budget(ask.maxTokens());
        List<String> reasoning = budget.spend(ask.thinking() ? Speech.THOUGHT : List.of());
        List<String> content = budget.spend(silent ? List.of() : Speech.answering(ask));
        if (call != null) {
            call = call.with(budget.spend(call.arguments()));
        }
        String finish = budget.overdrawn ? "length" : call == null ? "stop" : "tool_calls";
        return new Answer(
                ask,
                UUID.randomUUID(),
                Instant.now().getEpochSecond(),
                reasoning,
                content,
                call,
                directives.text(Directive.FINISH, finish),
                new Usage(
                        Tokens.count(ask.prompt()), cache.read(ask), ask.maxTokens() - budget.left, reasoning.size()));
    }

    /** The parts in the order they are said; none of them when the answer is to have no choices. */
    List<Part> parts() {
        List<Part> parts = new ArrayList<>();
        if (ask.directives().has(Directive.EMPTY_CHOICES)) {
            return parts;
        }
        if (ask.thinking()) {
            parts.add(new Part(Kind.REASONING, reasoning));
        }
        if (call != null) {
            parts.add(new Part(Kind.CALL, call.arguments()));
        } else if (!ask.directives().has(Directive.NULL_CONTENT)) {
            parts.add(new Part(Kind.CONTENT, content));
        }
        return parts;
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
