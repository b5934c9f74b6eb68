package io.deepgate.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The scanner against Jackson's tree, on random documents. A failure names the seed to run it again with. */
class RequestScannerPropertyTests {

    private static final int DOCUMENTS = 2000;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final RandomJson json = new RandomJson(random);

    @Test
    void readsWhatATreeWouldRead() {
        int read = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            String document = document();
            ObjectNode tree = (ObjectNode) JSON.readTree(document);
            RequestBody body = scan(cut(document.getBytes(UTF_8)));
            String as = "seed %d: %s".formatted(seed, document);
            String wrong = wrongIn(tree);
            if (wrong != null) {
                assertThat(body)
                        .as("%s should be refused for its %s", as, wrong)
                        .isNull();
                continue;
            }
            read++;
            assertThat(body).as(as).isNotNull();
            assertThat(body.model()).as(as).isEqualTo(tree.get("model").stringValue());
            assertThat(body.stream()).as(as).isEqualTo(tree.path("stream").asBoolean(false));
            assertThat(body.maxTokens()).as(as).isEqualTo(maxTokens(tree));
            assertThat(JSON.readTree(withAnotherModel(body))).as(as).isEqualTo(tree.put("model", "other"));
        }
        assertThat(read).as("seed %d", seed).isGreaterThan(DOCUMENTS / 4);
    }

    @Test
    void neverFailsInAnotherWay() {
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] bytes = document().getBytes(UTF_8);
            for (int damage = 1 + random.nextInt(3); damage > 0; damage--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            ByteBuf damaged = Unpooled.wrappedBuffer(bytes, 0, 1 + random.nextInt(bytes.length));

            RequestBody body = scan(damaged);

            String as = "seed %d: %s".formatted(seed, damaged.toString(UTF_8));
            assertThat(damaged.refCnt()).as(as).isOne();
            assertThat(damaged.readerIndex()).as(as).isZero();
            if (body != null) {
                int start = body.members().get("model").valueStart();
                int end = body.members().get("model").valueEnd();
                assertThat(start).as(as).isBetween(0, end - 3);
                assertThat(damaged.getByte(start)).as(as).isEqualTo((byte) '"');
                assertThat(damaged.getByte(end - 1)).as(as).isEqualTo((byte) '"');
            }
        }
    }

    /** An object with some fields the gateway acts on, mostly of the right type, among others in any order. */
    private String document() {
        List<String> fields = new ArrayList<>();
        if (random.nextInt(20) > 0) {
            boolean right = random.nextInt(10) > 0;
            fields.add(field("model", right ? json.saying("deepseek-" + random.nextInt(100)) : json.value(1)));
        }
        if (random.nextBoolean()) {
            boolean right = random.nextInt(10) > 0;
            fields.add(field("stream", right ? json.one(List.of("true", "false", "null")) : json.value(1)));
        }
        for (String name : List.of("max_tokens", "max_completion_tokens")) {
            if (random.nextBoolean()) {
                boolean right = random.nextInt(10) > 0;
                fields.add(field(name, right ? Integer.toString(random.nextInt(-5, 5000)) : json.value(1)));
            }
        }
        for (int others = random.nextInt(6); others > 0; others--) {
            fields.add(json.string(6) + json.space() + ":" + json.value(4));
        }
        Collections.shuffle(fields, random);
        return json.space() + "{" + String.join(json.space() + ",", fields) + json.space() + "}" + json.space();
    }

    private String field(String name, String value) {
        return json.space() + json.saying(name) + json.space() + ":" + json.space() + value;
    }

    private static String wrongIn(ObjectNode tree) {
        JsonNode model = tree.path("model");
        if (!model.isString()
                || model.stringValue().isEmpty()
                || model.stringValue().length() > 256) {
            return "model";
        }
        JsonNode stream = tree.path("stream");
        if (!stream.isMissingNode() && !stream.isBoolean() && !stream.isNull()) {
            return "stream";
        }
        for (String name : List.of("max_tokens", "max_completion_tokens")) {
            JsonNode most = tree.path(name);
            if (!most.isMissingNode() && !most.isNull() && !(most.isIntegralNumber() && most.canConvertToLong())) {
                return name;
            }
        }
        return null;
    }

    private static long maxTokens(ObjectNode tree) {
        long plain = tree.path("max_tokens").asLong(0);
        long completion = tree.path("max_completion_tokens").asLong(0);
        if (plain <= 0 || completion <= 0) {
            return Math.max(0, Math.max(plain, completion));
        }
        return Math.min(plain, completion);
    }

    /** One to four components of random lengths. */
    private ByteBuf cut(byte[] whole) {
        CompositeByteBuf bytes = Unpooled.compositeBuffer();
        int from = 0;
        for (int cuts = random.nextInt(4); cuts > 0; cuts--) {
            int to = random.nextInt(from, whole.length + 1);
            bytes.addComponent(true, Unpooled.copiedBuffer(whole, from, to - from));
            from = to;
        }
        return bytes.addComponent(true, Unpooled.copiedBuffer(whole, from, whole.length - from));
    }

    private static String withAnotherModel(RequestBody body) {
        ByteBuf bytes = body.bytes();
        int end = body.members().get("model").valueEnd();
        return bytes.toString(0, body.members().get("model").valueStart(), UTF_8) + "\"other\""
                + bytes.toString(end, body.size() - end, UTF_8);
    }

    private RequestBody scan(ByteBuf bytes) {
        try {
            return RequestScanner.scan(bytes);
        } catch (InvalidRequestException e) {
            return null;
        } catch (RuntimeException e) {
            return fail("seed %d: %s".formatted(seed, bytes.toString(UTF_8)), e);
        }
    }
}
