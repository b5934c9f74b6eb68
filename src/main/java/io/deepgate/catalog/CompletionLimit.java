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

    /** The most that DeepSeek takes for fill-in-the-middle. */
    private static final int LONGEST_INFILL = 4096;

    private CompletionLimit() {}

    static void apply(RequestBody body, Parameters parameters, Dialect dialect, Splice splice) {
        String name = dialect.completionLimit();
        Member limit = body.members().get(name);
        Member renamed = dialect == Dialect.CHAT ? body.member(OPENAI_NAME) : null;
        long wanted = least(number(limit), number(renamed));
        if (renamed != null && limit == null) {
            splice.rename(renamed, name);
            limit = renamed;
        } else if (renamed != null) {
            splice.remove(renamed);
        }
        long allowed = least(wanted, cap(parameters, wanted == 0 && dialect == Dialect.COMPLETIONS));
        if (allowed > 0 && number(limit) != allowed) {
            set(splice, limit, name, allowed);
        }
    }

    private static void set(Splice splice, @Nullable Member limit, String name, long tokens) {
        if (limit == null) {
            splice.set(name, Long.toString(tokens));
        } else {
            splice.replace(limit, Long.toString(tokens));
        }
    }

    private static long cap(Parameters parameters, boolean unaskedInfill) {
        Integer cap = parameters.maxTokens();
        if (cap == null) {
            return 0;
        }
        return unaskedInfill ? Math.min(cap, LONGEST_INFILL) : cap;
    }

    private static long number(@Nullable Member limit) {
        return limit == null ? 0 : Math.max(0, limit.number());
    }

    /** The smaller, where 0 stands for no limit. */
    private static long least(long one, long other) {
        return one == 0 || other == 0 ? Math.max(one, other) : Math.min(one, other);
    }
}
