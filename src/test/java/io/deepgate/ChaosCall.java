package io.deepgate;

import io.deepgate.access.ApiKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * One call of a chaos test: what it asks for, how its client behaves, and what its client may see at most.
 *
 * @param directive what the sandbox is to do
 * @param patience bytes of the answer after which the client leaves; negative for one that waits for the end
 */
record ChaosCall(ApiKey key, Asked asked, String model, boolean stream, String directive, int patience) {

    private static final Pattern REQUEST_ID = Pattern.compile("(?i)\\r\\n(?:x-)?request-id: (\\S+)");
    private static final List<String> DIRECTIVES = List.of(
            "[[status 400]]",
            "[[status 429]]",
            "[[status 500]]",
            "[[status 503]]",
            "[[reset]]",
            "[[reset after 3]]",
            "[[close after 3]]",
            "[[stall]]",
            "[[stall after 3]]",
            "[[keep-alive forever]]",
            "[[garbage]]",
            "[[garbage after 3]]",
            "[[never ends]]",
            "[[queue 100ms]]",
            "[[null content]]",
            "[[no usage]]");

    /** What the client saw: all of an answer or not, and the id of its call where it came as far. */
    record Seen(boolean ended, boolean whole, String requestId, String text) {}

    static ChaosCall any(ApiKey key, Random random) {
        Asked asked = Asked.values()[random.nextInt(Asked.values().length)];
        String directive = random.nextInt(3) == 0
                ? "[[rate 2000]]"
                : DIRECTIVES.get(random.nextInt(DIRECTIVES.size())) + " [[rate 2000]]";
        return new ChaosCall(
                key,
                asked,
                random.nextBoolean() ? "deepseek-flash" : "deepseek-chat",
                random.nextBoolean(),
                directive,
                random.nextInt(4) == 0 ? random.nextInt(2000) : -1);
    }

    /** Makes the call on a connection of its own to {@code port}, and gives up when nothing comes for so long. */
    Seen make(int port, int patienceMillis) {
        String text = "";
        try (RawClient client = RawClient.connect(port).patience(patienceMillis)) {
            byte[] body =
                    asked.body(model, directive + " [[tokens 30]]", stream).getBytes(StandardCharsets.UTF_8);
            client.send("POST " + asked.path() + " HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer " + key.value()
                            + "\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: "
                            + body.length + "\r\n\r\n")
                    .send(body);
            if (patience >= 0) {
                client.readUpTo(patience);
                return new Seen(false, false, "", "");
            }
            text = client.readAll();
        } catch (IOException e) {
            // What the network has done, or a document that broke off.
            return new Seen(false, false, "", text);
        }
        if (!text.contains("\r\n\r\n")) {
            return new Seen(false, false, "", text);
        }
        Matcher id = REQUEST_ID.matcher(text);
        return new Seen(isEnded(text), isWhole(text), id.find() ? id.group(1) : "", text);
    }

    /** Whether HTTP says that the answer is complete. */
    private static boolean isEnded(String text) {
        int head = text.indexOf("\r\n\r\n");
        Matcher length = Pattern.compile("(?i)content-length: (\\d+)").matcher(text.substring(0, head));
        return length.find()
                ? text.length() - head - 4 == Integer.parseInt(length.group(1))
                : text.endsWith("\r\n0\r\n\r\n");
    }

    /** Whether it is complete by what it says: to its last event or brace, or with an error. */
    private boolean isWhole(String text) {
        String body = body(text);
        if (text.startsWith("HTTP/1.1 200 ") && stream) {
            boolean told = body.contains("\"error\":{") || body.contains("response.failed");
            return told != body.contains(asked.lastEvent());
        }
        try {
            return JsonMapper.shared().readTree(body).isObject();
        } catch (JacksonException e) {
            return false;
        }
    }

    /** The body of an answer, without the framing of its chunks. */
    static String body(String text) {
        int at = text.indexOf("\r\n\r\n") + 4;
        if (!text.substring(0, at).toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked")) {
            return text.substring(at);
        }
        StringBuilder body = new StringBuilder();
        while (at < text.length()) {
            int line = text.indexOf("\r\n", at);
            if (line < 0) {
                break;
            }
            int size = Integer.parseInt(text.substring(at, line), 16);
            int end = Math.min(text.length(), line + 2 + size);
            body.append(text, line + 2, end);
            at = end + 2;
        }
        return body.toString();
    }
}
