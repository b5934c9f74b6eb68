package io.deepgate.api;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * A request's untouched bytes, which whoever holds it releases, and the few members that the gateway acts on.
 *
 * @param members those that are there, by name
 * @param developerRoles the roles in {@code messages} that say {@code developer}
 */
public record RequestBody(ByteBuf bytes, Map<String, Member> members, List<Span> developerRoles) {

    /** From {@code start} up to {@code end} of the bytes. */
    public record Span(int start, int end) {}

    /** The member, or null if it is not there or is null. */
    public @Nullable Member member(String name) {
        Member member = members.get(name);
        return member != null && member.given() ? member : null;
    }

    /** What the caller calls the model, its alias. */
    public String model() {
        Member model = members.get("model");
        return model == null || model.text() == null ? "" : model.text();
    }

    /** Whether the caller wants server-sent events. */
    public boolean stream() {
        Member stream = member("stream");
        return stream != null && stream.kind() == JsonToken.VALUE_TRUE;
    }

    /** Whether the caller wants the usage of its stream. */
    public boolean includeUsage() {
        Member options = member("stream_options");
        return options != null && "true".equals(options.text());
    }

    /** The most completion tokens the caller wants, 0 where it does not say. */
    public long maxTokens() {
        long least = 0;
        for (String name : RequestScanner.LIMITS) {
            Member member = member(name);
            long limit = member == null ? 0 : member.number();
            if (limit > 0) {
                least = least == 0 ? limit : Math.min(least, limit);
            }
        }
        return least;
    }

    /** Size in bytes. */
    public int size() {
        return bytes.readableBytes();
    }

    /** The tokens of the prompt, as its bytes suggest. */
    public long estimatedTokens() {
        return PromptEstimate.tokens(bytes);
    }
}
