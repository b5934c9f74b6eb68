package io.deepgate.watch.replay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A request that a team knows what to expect of.
 *
 * @param digest of all that it is; another one is another case
 */
record Case(String id, ObjectNode request, List<Check> checks, String digest) {

    private static final int DIGEST_BYTES = 16;

    /**
     * Reads a file with one case a line: {@code {"id": …, "request": {…}, "checks": {…}}}, or a request alone.
     *
     * @throws IllegalArgumentException naming the line that is wrong
     */
    static List<Case> read(Path file) throws IOException {
        List<Case> cases = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            if (line.isBlank()) {
                continue;
            }
            try {
                Case one = of(line, "line " + number);
                if (!ids.add(one.id)) {
                    throw new IllegalArgumentException("the id '" + one.id + "' is there twice");
                }
                cases.add(one);
            } catch (JacksonException e) {
                throw new IllegalArgumentException(file + ":" + number + ": is no JSON: " + e.getOriginalMessage(), e);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(file + ":" + number + ": " + e.getMessage(), e);
            }
        }
        if (cases.isEmpty()) {
            throw new IllegalArgumentException(file + " has no case");
        }
        return cases;
    }

    private static Case of(String line, String otherwise) {
        JsonNode said = JsonMapper.shared().readTree(line);
        JsonNode request = said.has("request") ? said.path("request") : said;
        if (!(request instanceof ObjectNode body) || !body.path("messages").isArray()) {
            throw new IllegalArgumentException("write a request with \"messages\", alone or as \"request\"");
        }
        JsonNode checks =
                said.has("request") ? said.path("checks") : JsonMapper.shared().createObjectNode();
        return new Case(said.path("id").asString(otherwise), body, Check.of(checks), digest(body + "\n" + checks));
    }

    /** What is sent to {@code model}. */
    String bodyFor(String model) {
        ObjectNode body = request.deepCopy();
        body.put("model", model).put("stream", false);
        body.remove("stream_options");
        return body.toString();
    }

    /** What {@code reply} should be and is not. */
    List<String> failures(Reply reply) {
        List<String> failures = new ArrayList<>();
        if (reply.isEmpty()) {
            failures.add("is empty");
        }
        for (Check check : checks) {
            String finding = check.finding().apply(reply);
            if (finding != null) {
                failures.add(finding);
            }
        }
        return failures;
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
