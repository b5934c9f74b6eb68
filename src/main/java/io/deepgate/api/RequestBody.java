package io.deepgate.api;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * A request's untouched bytes, which whoever holds it releases, and the few members that the gateway acts on.
 *
 * @param members those that are there, by name
 * @param developerRoles the roles in {@code messages} that say {@code developer}
 * @param scanned those of {@link #parameters} that are no members
 */
public record RequestBody(ByteBuf bytes, Map<String, Member> members, List<Span> developerRoles, int scanned) {

    private static final Set<String> FREE_CHOICES = Set.of("auto", "none");
    private static final int WHILE_THINKING = Parameter.TEMPERATURE.bit()
            | Parameter.TOP_P.bit()
            | Parameter.PRESENCE_PENALTY.bit()
            | Parameter.FREQUENCY_PENALTY.bit();

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

    /** Whether {@code tool_choice} leaves the model no choice. */
    public boolean forcesTool() {
        Member choice = member("tool_choice");
        if (choice == null) {
            return false;
        }
        return choice.kind() == JsonToken.START_OBJECT
                ? choice.text() == null || !FREE_CHOICES.contains(choice.text())
                : "required".equals(choice.text());
    }

    /** What a chat request asks for that not everybody heeds, as bits of {@link Parameter}. */
    public int parameters() {
        boolean thinks = !says("thinking", "disabled") && !says("reasoning_effort", "none");
        return (thinks ? scanned : scanned & ~WHILE_THINKING)
                | (member("n") != null && !says("n", "1") ? Parameter.N.bit() : 0)
                | (says("response_format", "json_schema") ? Parameter.JSON_SCHEMA.bit() : 0)
                | (forcesTool() ? Parameter.FORCED_TOOL.bit() : 0)
                | (member("user") != null ? Parameter.USER.bit() : 0)
                | (member("metadata") != null ? Parameter.METADATA.bit() : 0);
    }

    private boolean says(String name, String word) {
        Member member = member(name);
        return member != null && word.equals(member.text());
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
