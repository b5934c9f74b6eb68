package io.deepgate.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.Mutations;
import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.deepgate.api.Dialect;
import io.deepgate.api.InvalidRequestException;
import io.deepgate.api.RequestBody;
import io.deepgate.api.Scanned;
import io.deepgate.catalog.CatalogProperties.UserIds;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Whatever bytes come: they are refused in our own words, or what the upstream is sent reads like what came, but for what
 * a rule changed. {@code .ci/fuzz} searches longer, led by the code's coverage.
 */
class RewriteFuzzTests {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Rewrite REWRITE = new Rewrite(() -> UserIds.PER_TENANT);
    private static final Tenant TENANT = new Tenant("search", List.of("*"), Limits.NONE, Budget.NONE, 1, false, false);
    private static final Route ROUTE =
            new Route("fast", "deepseek-flash", Nowhere.named("deepseek", "sk-0123456789"), Parameters.PLAIN);

    /** What the rules of a plain alias may change. */
    private static final Set<String> RULED =
            Set.of("model", "user_id", "max_tokens", "max_completion_tokens", "stream_options", "thinking");

    @Test
    void refusesOrKeepsWhatWasMeant() throws IOException {
        Mutations.of("rewrite").forEach(RewriteFuzzTests::fuzzerTestOneInput);
    }

    /** Jazzer's entry: one input. */
    public static void fuzzerTestOneInput(byte[] bytes) {
        RequestBody body;
        ByteBuf sent;
        try {
            body = Scanned.of(Unpooled.wrappedBuffer(bytes));
            sent = REWRITE.of(body, ROUTE, TENANT, Dialect.CHAT);
        } catch (InvalidRequestException refused) {
            return;
        }
        byte[] rewritten = ByteBufUtil.getBytes(sent);
        sent.release();
        assertThat(body.bytes().refCnt()).isOne();
        if (!isUtf8(bytes)) {
            // Jackson finds not all of it in strings that it skips; the upstream does.
            return;
        }
        ObjectNode meant = (ObjectNode) JSON.readTree(bytes);
        ObjectNode reads = (ObjectNode) JSON.readTree(rewritten);
        String as = new String(bytes, UTF_8) + "\nbecame\n" + new String(rewritten, UTF_8);

        assertThat(reads.get("model").stringValue()).as(as).isEqualTo("deepseek-flash");
        assertThat(reads.get("user_id").stringValue()).as(as).matches("search(-[0-9a-f]{16})?");
        assertThat(limit(reads)).as(as).isEqualTo(body.maxTokens());
        assertThat(reads.has("max_completion_tokens")
                        && !reads.get("max_completion_tokens").isNull())
                .as(as)
                .isFalse();
        assertThat(reads.has("stream_options"))
                .as(as)
                .isEqualTo(meant.has("stream_options") && meant.path("stream").asBoolean(false));
        assertThat(thinking(reads)).as(as).isEqualTo(toolIsForced(meant) && thinks(meant) ? off() : thinking(meant));
        assertThat(unruled(reads)).as(as).isEqualTo(unruled(withSystem(meant)));
    }

    private static boolean isUtf8(byte[] bytes) {
        return Arrays.equals(new String(bytes, UTF_8).getBytes(UTF_8), bytes);
    }

    /** {@code max_output_tokens} bounds nothing on chat, but it is counted where it is there. */
    private static long limit(ObjectNode request) {
        long chat = Math.max(0, request.path("max_tokens").asLong(0));
        long output = Math.max(0, request.path("max_output_tokens").asLong(0));
        return chat == 0 || output == 0 ? Math.max(chat, output) : Math.min(chat, output);
    }

    private static JsonNode thinking(ObjectNode request) {
        return request.path("thinking");
    }

    private static JsonNode off() {
        return JSON.createObjectNode().put("type", "disabled");
    }

    private static boolean thinks(ObjectNode request) {
        return !"disabled".equalsIgnoreCase(told(thinking(request)))
                && !"none".equals(told(request.path("reasoning_effort")));
    }

    private static boolean toolIsForced(ObjectNode request) {
        JsonNode choice = request.path("tool_choice");
        return choice.isObject()
                ? !Set.of("auto", "none").contains(text(choice.path("type")))
                : "required".equals(text(choice));
    }

    private static String told(JsonNode member) {
        return member.isObject() ? text(member.path("type")) : text(member);
    }

    private static String text(JsonNode node) {
        return node.isString() ? node.stringValue() : "";
    }

    private static ObjectNode withSystem(ObjectNode request) {
        for (JsonNode message : request.path("messages")) {
            if (message instanceof ObjectNode object && "developer".equals(text(object.path("role")))) {
                object.put("role", "system");
            }
        }
        return request;
    }

    /** As text, since the order of what is sent counts too: DeepSeek's cache is found by it. */
    private static String unruled(ObjectNode request) {
        return request.without(RULED).toString();
    }
}
