package io.deepgate.catalog;

import io.deepgate.api.Dialect;
import io.deepgate.api.Member;
import io.deepgate.api.RequestBody;
import io.deepgate.api.Splice;
import io.deepgate.catalog.Parameters.ForcedToolChoice;
import io.deepgate.catalog.Parameters.Thinking;
import io.deepgate.catalog.Parameters.Thoughts;
import org.jspecify.annotations.Nullable;

/**
 * Whether and how hard the model thinks: the alias's word, else the caller's, else the alias's default. Source: DeepSeek's
 * documentation, "Thinking Mode", which has other words for it in each endpoint.
 */
final class ThinkingRules {

    private static final String OFF = "none";

    /** What an endpoint calls them: whether, or null where the effort says both; how hard; and the effort's form. */
    private enum Words {
        CHAT("thinking", "reasoning_effort", "\"%s\""),
        MESSAGES("thinking", "output_config", "{\"effort\":\"%s\"}"),
        RESPONSES(null, "reasoning", "{\"effort\":\"%s\"}");

        private final @Nullable String toggle;
        private final String effort;
        private final String effortForm;

        Words(@Nullable String toggle, String effort, String effortForm) {
            this.toggle = toggle;
            this.effort = effort;
            this.effortForm = effortForm;
        }
    }

    private ThinkingRules() {}

    static void apply(RequestBody body, Parameters parameters, Dialect dialect, Splice splice) {
        switch (dialect) {
            case CHAT -> apply(body, parameters, Words.CHAT, splice);
            case MESSAGES -> apply(body, parameters, Words.MESSAGES, splice);
            case RESPONSES -> apply(body, parameters, Words.RESPONSES, splice);
            case COMPLETIONS -> {}
        }
    }

    private static void apply(RequestBody body, Parameters parameters, Words words, Splice splice) {
        Member toggle = words.toggle == null ? null : body.member(words.toggle);
        Member said = body.member(words.effort);
        Thoughts force = parameters.force();
        Thoughts byDefault = toggle == null && said == null ? parameters.byDefault() : Thoughts.UNSAID;
        Thinking thinking = force.thinking() != null ? force.thinking() : byDefault.thinking();
        String effort = force.reasoningEffort() != null ? force.reasoningEffort() : byDefault.reasoningEffort();
        if (words == Words.MESSAGES && OFF.equals(effort)) {
            thinking = Thinking.DISABLED;
            effort = null;
        }
        if (parameters.forcedToolChoice() == ForcedToolChoice.DISABLE_THINKING
                && body.forcesTool()
                && thinks(thinking, toggle, effort != null || said == null ? effort : said.text())) {
            thinking = Thinking.DISABLED;
        }
        if (words.toggle == null) {
            effort = thinking == Thinking.DISABLED ? OFF : effort;
        } else if (thinking != null && !isSaid(thinking.name(), toggle)) {
            splice.set(words.toggle, thinking.json());
        }
        if (effort != null && !isSaid(effort, said)) {
            splice.set(words.effort, words.effortForm.formatted(effort));
        } else if (thinking == Thinking.ENABLED && said != null && isSaid(OFF, said)) {
            splice.remove(said);
        }
    }

    private static boolean isSaid(String word, @Nullable Member member) {
        return member != null && word.equalsIgnoreCase(member.text());
    }

    /** DeepSeek's models think unless they are told not to. */
    private static boolean thinks(@Nullable Thinking thinking, @Nullable Member toggle, @Nullable String effort) {
        return thinking != null
                ? thinking == Thinking.ENABLED
                : !isSaid(Thinking.DISABLED.name(), toggle) && !OFF.equals(effort);
    }
}
