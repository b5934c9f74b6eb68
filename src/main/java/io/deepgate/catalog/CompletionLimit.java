package io.deepgate.catalog;

import io.deepgate.api.Dialect;
import io.deepgate.api.Member;
import io.deepgate.api.RequestBody;
import io.deepgate.api.Splice;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens a completion may have. On chat DeepSeek ignores {@code max_completion_tokens} without a word, so it
 * becomes {@code max_tokens}; where both are there the smaller counts, and the alias's cap where it is smaller still.
 */
final class CompletionLimit {

    private static final String OPENAI_NAME = "max_completion_tokens";

    private CompletionLimit() {}

    static void apply(RequestBody body, Parameters parameters, Dialect dialect, Splice splice) {
        String name = dialect.completionLimit();
        Member limit = body.members().get(name);
        Member renamed = dialect == Dialect.CHAT ? body.member(OPENAI_NAME) : null;
        long wanted = body.maxTokens();
        long allowed = allowed(wanted, parameters);
        if (renamed != null && limit == null) {
            splice.rename(renamed, name);
            limit = renamed;
        } else if (renamed != null) {
            splice.remove(renamed);
        }
        if (allowed > 0 && (limit == null || limit.number() != allowed)) {
            set(splice, limit, name, allowed);
        }
    }

    private static long allowed(long wanted, Parameters parameters) {
        Integer cap = parameters.maxTokens();
        if (cap == null) {
            return wanted;
        }
        return wanted == 0 ? cap : Math.min(wanted, cap);
    }

    private static void set(Splice splice, @Nullable Member limit, String name, long tokens) {
        if (limit == null) {
            splice.set(name, Long.toString(tokens));
        } else {
            splice.replace(limit, Long.toString(tokens));
        }
    }
}
