package io.deepgate.catalog;

import static io.deepgate.catalog.Conversations.body;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;

/** What makes two calls one conversation. */
class ConversationTests {

    private static final String SYSTEM = "{\"role\":\"system\",\"content\":\"You are kind.\"}";
    private static final String HELLO = "{\"role\":\"user\",\"content\":\"Hello! \\\"]} ä\"}";

    @Test
    void isAConversationWhileItGrows() {
        String more = ",{\"role\":\"assistant\",\"content\":\"Hi\"},{\"role\":\"user\",\"content\":\"Why?\"}";

        assertThat(of(messages(SYSTEM + "," + HELLO + more))).isEqualTo(of(messages(SYSTEM + "," + HELLO)));
        assertThat(of("{\"temperature\":1,\"messages\":[" + SYSTEM + "," + HELLO + more + "],\"model\":\"many\"}"))
                .as("whatever else there is, and in which order")
                .isEqualTo(of(messages(SYSTEM + "," + HELLO)));
    }

    @Test
    void differsByWhatTheUserAskedFirst() {
        assertThat(of(messages(SYSTEM + "," + HELLO)))
                .isNotEqualTo(of(messages(SYSTEM + ",{\"role\":\"user\",\"content\":\"Bye\"}")))
                .isNotEqualTo(of(messages(HELLO)));
    }

    @Test
    void differsByTenant() {
        assertThat(of("search", messages(HELLO), null)).isNotEqualTo(of("mail", messages(HELLO), null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"user_id\":\"u%s\"", "\"user\":\"u%s\"", "\"metadata\":{\"user_id\":\"u%s\"}"})
    void isTheUsersWhateverItIsAbout(String member) {
        String one = "{" + member.formatted(1) + ",\"messages\":[%s]}";
        String other = "{" + member.formatted(2) + ",\"messages\":[%s]}";

        assertThat(of(one.formatted(HELLO)))
                .isEqualTo(of(one.formatted(SYSTEM)))
                .isNotEqualTo(of(other.formatted(HELLO)));
    }

    @Test
    void isTheHeadersBeforeTheUsers() {
        String body = "{\"user_id\":\"u1\",\"messages\":[" + HELLO + "]}";

        assertThat(of("search", body, "c1"))
                .isEqualTo(of("search", messages(SYSTEM), "c1"))
                .isNotEqualTo(of("search", body, "c2"))
                .isNotEqualTo(of("search", body, null));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"input\":\"%s\"}",
                "{\"prompt\":\"%s\",\"suffix\":\"x\"}",
                "{\"input\":[{\"role\":\"user\",\"content\":\"%s\"}]}",
                "{\"messages\":[\"%s\"]}",
                "{\"messages\":{\"a\":\"%s\"}}"
            })
    void isKnownByAnyPrompt(String body) {
        assertThat(of(body.formatted("a"))).isEqualTo(of(body.formatted("a"))).isNotEqualTo(of(body.formatted("b")));
    }

    @Test
    void isSomeEvenWithoutAPrompt() {
        assertThat(of("{}")).isEqualTo(of("{\"stream\":true}"));
    }

    private static String messages(String messages) {
        return "{\"model\":\"many\",\"messages\":[" + messages + "]}";
    }

    private static long of(String body) {
        return of("search", body, null);
    }

    private static long of(String tenant, String body, @Nullable String header) {
        HttpHeaders headers = new HttpHeaders();
        if (header != null) {
            headers.set("x-conversation", header);
        }
        String withModel = body.contains("\"model\"")
                ? body
                : body.replaceFirst("\\{", "{\"model\":\"many\",").replace(",}", "}");
        return Conversation.of(
                new Tenant(tenant, List.of("*"), Limits.NONE, Budget.NONE, 1, false, false),
                body(withModel),
                headers,
                "x-conversation");
    }
}
