package io.deepgate.catalog;

import io.deepgate.api.Dialect;
import io.deepgate.api.Member;
import io.deepgate.api.RequestBody;
import io.deepgate.api.Splice;
import io.deepgate.catalog.Parameters.ForcedToolChoice;
import io.deepgate.catalog.Parameters.Thinking;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** Whether and how hard the model thinks: the alias's word, else the caller's, else the alias's default. */
final class ThinkingRules {

    private static final String THINKING = "thinking";
    private static final String EFFORT = "reasoning_effort";

    private ThinkingRules() {}

    static void apply(RequestBody body, Parameters parameters, Dialect dialect, Splice splice) {
        switch (dialect) {
            case CHAT -> {
                thinking(body, parameters, splice);
                effort(body, parameters, splice);
            }
            case MESSAGES -> thinking(body, parameters, splice);
            case RESPONSES -> reasoning(body, parameters, splice);
            case COMPLETIONS -> {}
        }
    }

    private static void thinking(RequestBody body, Parameters parameters, Splice splice) {
        Member said = body.member(THINKING);
        Thinking wanted = parameters.force().thinking();
        if (wanted == null && said == null) {
            wanted = parameters.byDefault().thinking();
        }
        if (toolIsForced(body)
                && thinks(body, said, wanted)
                && parameters.forcedToolChoice() == ForcedToolChoice.DISABLE_THINKING) {
            wanted = Thinking.DISABLED;
        }
        if (wanted != null && (said == null || !wanted.name().equalsIgnoreCase(said.text()))) {
            splice.set(THINKING, wanted.json());
        }
    }

    /** DeepSeek's models think unless they are told not to. */
    private static boolean thinks(RequestBody body, @Nullable Member said, @Nullable Thinking wanted) {
        if (wanted != null) {
            return wanted == Thinking.ENABLED;
        }
        Member effort = body.member(EFFORT);
        return (said == null || !"disabled".equals(said.text())) && (effort == null || !"none".equals(effort.text()));
    }

    private static boolean toolIsForced(RequestBody body) {
        Member choice = body.member("tool_choice");
        return choice != null && (choice.kind() == JsonToken.START_OBJECT || "required".equals(choice.text()));
    }

    private static void effort(RequestBody body, Parameters parameters, Splice splice) {
        String effort = effort(parameters, body.member(EFFORT) != null);
        if (effort != null) {
            splice.set(EFFORT, '"' + effort + '"');
        }
    }

    /** In OpenAI's responses the effort says both. */
    private static void reasoning(RequestBody body, Parameters parameters, Splice splice) {
        boolean said = body.member("reasoning") != null;
        String effort = effort(parameters, said);
        if (parameters.force().thinking() == Thinking.DISABLED
                || (!said && parameters.byDefault().thinking() == Thinking.DISABLED)) {
            effort = "none";
        }
        if (effort != null) {
            splice.set("reasoning", "{\"effort\":\"" + effort + "\"}");
        }
    }

    private static @Nullable String effort(Parameters parameters, boolean said) {
        String forced = parameters.force().reasoningEffort();
        return forced != null || said ? forced : parameters.byDefault().reasoningEffort();
    }
}
