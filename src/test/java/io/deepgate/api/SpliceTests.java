package io.deepgate.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whatever is done to a request, and however it is laid out, what comes out is the JSON that was meant. */
class SpliceTests {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String LONG = "x".repeat(10_000);

    /** What a rule may act on; the model is always there and is never taken out. */
    private static final List<String> NOTED = List.of(
            "stream",
            "stream_options",
            "max_tokens",
            "max_completion_tokens",
            "max_output_tokens",
            "n",
            "response_format",
            "tool_choice",
            "thinking",
            "reasoning",
            "reasoning_effort",
            "user_id");

    @Test
    void sharesTheBytesWhereNothingChanges() {
        String request = " {\"model\" : \"m\" , \"x\":[1, 2.0e3]}\n";
        ByteBuf bytes = direct(request);
        RequestBody body = RequestScanner.scan(bytes);
        ByteBuf same = new Splice(body).apply();
        assertThat(same.toString(StandardCharsets.UTF_8)).isEqualTo(request);
        assertThat(same.memoryAddress()).isEqualTo(bytes.memoryAddress());
        same.release();
        body.bytes().release();
        assertThat(bytes.refCnt()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"model":"a"}                                | {"model":"b"}
            {"model":"a","x":1}                          | {"model":"b","x":1}
            {"x":1,"model":"a"}                          | {"x":1,"model":"b"}
            {"x":"é","model":"a","y":"日本😀"}           | {"x":"é","model":"b","y":"日本😀"}
            { "model"\t:\t"a" , "x" : [ ] }              | { "model"\t:\t"b" , "x" : [ ] }
            {"model":"\\u0061\\"\\\\","x":"a"}           | {"model":"b","x":"a"}
            """)
    void replacesAValueAndNothingElse(String request, String result) {
        assertThat(edited(request, (body, splice) -> splice.replace(member(body, "model"), "\"b\"")))
                .isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"n":1,"model":"m","x":2}                    | {"model":"m","x":2}
            {"model":"m","n":1,"x":2}                    | {"model":"m","x":2}
            {"model":"m","x":2,"n":1}                    | {"model":"m","x":2}
            {"n":1,"model":"m"}                          | {"model":"m"}
            {"model":"m","n":1}                          | {"model":"m"}
            { "n" : 1 , "model" : "m" }                  | {  "model" : "m" }
            { "model" : "m" , "n" : 1 }                  | { "model" : "m"  }
            { "model" : "m" , "n" : 1 , "x" : 2 }        | { "model" : "m"  , "x" : 2 }
            {"model":"m","n":{"a":[1,{"b":","}]},"x":2}  | {"model":"m","x":2}
            {"model":"m","n":"},{\\",","x":2}            | {"model":"m","x":2}
            {"model":",","n":[",",","]}                  | {"model":","}
            """)
    void removesAMemberWithItsComma(String request, String result) {
        assertThat(edited(request, (body, splice) -> splice.remove(member(body, "n"))))
                .isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"n":1,"stream":true,"thinking":3,"model":"m"}             | {"model":"m"}
            {"model":"m","n":1,"stream":true,"thinking":3}             | {"model":"m"}
            {"n":1,"model":"m","stream":true,"thinking":3}             | {"model":"m"}
            {"n":1,"stream":true,"model":"m","thinking":3}             | {"model":"m"}
            {"a":0,"n":1,"stream":true,"model":"m","thinking":3,"b":4} | {"a":0,"model":"m","b":4}
            {"n":1,"a":0,"stream":true,"b":4,"model":"m","thinking":3} | {"a":0,"b":4,"model":"m"}
            {"n":1,"a":0,"b":4,"stream":true,"thinking":3,"model":"m"} | {"a":0,"b":4,"model":"m"}
            """)
    void removesSeveralMembersInWhateverOrderTheyAreTold(String request, String result) {
        for (List<String> order : List.of(
                List.of("n", "stream", "thinking"),
                List.of("thinking", "stream", "n"),
                List.of("stream", "thinking", "n"))) {
            assertThat(edited(request, (body, splice) -> order.forEach(name -> splice.remove(member(body, name)))))
                    .isEqualTo(result);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"max_completion_tokens":5,"model":"m"}      | {"max_tokens":5,"model":"m"}
            {"model":"m","max_completion_tokens":5}      | {"model":"m","max_tokens":5}
            {"model":"m","max_completion_tokens" : 5 }   | {"model":"m","max_tokens":5 }
            """)
    void renamesAMember(String request, String result) {
        assertThat(edited(
                        request, (body, splice) -> splice.rename(member(body, "max_completion_tokens"), "max_tokens")))
                .isEqualTo(result);
    }

    @Test
    void renamesAMemberAndGivesItAnotherValue() {
        assertThat(edited("{\"model\":\"m\",\"max_completion_tokens\":5,\"x\":1}", (body, splice) -> {
                    Member limit = member(body, "max_completion_tokens");
                    splice.rename(limit, "max_tokens");
                    splice.replace(limit, "3");
                }))
                .isEqualTo("{\"model\":\"m\",\"max_tokens\":3,\"x\":1}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            {"model":"m"}                                | {"user_id":"u","n":2,"model":"m"}
            {"user_id":"x","model":"m"}                  | {"n":2,"user_id":"u","model":"m"}
            {"model":"m","n":null}                       | {"user_id":"u","model":"m","n":2}
            {"n":1,"model":"m","user_id":7}              | {"n":2,"model":"m","user_id":"u"}
            """)
    void setsAMemberWhetherOrNotItIsThere(String request, String result) {
        assertThat(edited(request, (body, splice) -> {
                    splice.set("user_id", "\"u\"");
                    splice.set("n", "2");
                }))
                .isEqualTo(result);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"model\":\"m\"}", " \r\n\t{\n \"model\": \"m\"\n}\n", "{ \"model\":\"m\" }"})
    void addsAMemberWhateverStandsBeforeTheFirst(String request) {
        String result = edited(request, (body, splice) -> splice.set("user_id", "\"u\""));
        assertThat(JSON.readTree(result)).isEqualTo(JSON.readTree("{\"user_id\":\"u\",\"model\":\"m\"}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n  "})
    void addsAMemberWhereTheFirstOneIsRemoved(String space) {
        String request = "{" + space + "\"stream_options\":{\"include_usage\":true},\"model\":\"m\"}";
        String result = edited(request, (body, splice) -> {
            splice.remove(member(body, "stream_options"));
            splice.set("user_id", "\"u\"");
        });
        assertThat(JSON.readTree(result)).isEqualTo(JSON.readTree("{\"user_id\":\"u\",\"model\":\"m\"}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n  "})
    void addsAMemberWhereTheFirstOneIsRenamed(String space) {
        String request = "{" + space + "\"max_completion_tokens\":5,\"model\":\"m\"}";
        String result = edited(request, (body, splice) -> {
            splice.rename(member(body, "max_completion_tokens"), "max_tokens");
            splice.set("user_id", "\"u\"");
        });
        assertThat(JSON.readTree(result))
                .isEqualTo(JSON.readTree("{\"user_id\":\"u\",\"max_tokens\":5,\"model\":\"m\"}"));
    }

    @Test
    void sharesALongBodysBytesUntilTheLastOfThemIsReleased() {
        ByteBuf bytes = direct("{\"n\":1,\"model\":\"m\",\"x\":\"" + LONG + "\"}");
        RequestBody body = RequestScanner.scan(bytes);
        Splice splice = new Splice(body);
        splice.remove(member(body, "n"));
        splice.replace(member(body, "model"), "\"slug\"");
        ByteBuf spliced = splice.apply();
        body.bytes().release();
        assertThat(bytes.refCnt()).isPositive();
        assertThat(spliced.isDirect()).as("Netty copies what is not").isTrue();
        assertThat(spliced.toString(StandardCharsets.UTF_8)).isEqualTo("{\"model\":\"slug\",\"x\":\"" + LONG + "\"}");
        spliced.release();
        assertThat(bytes.refCnt()).isZero();
        assertThat(spliced.refCnt()).isZero();
    }

    @Test
    void keepsABodyWithVeryManyChangesInOnePiece() {
        int messages = 2_000;
        String request = "{\"model\":\"m\",\"messages\":[" + "{\"role\":\"developer\"},".repeat(messages) + "{}]}";
        ByteBuf bytes = direct(request);
        RequestBody body = RequestScanner.scan(bytes);
        Splice splice = new Splice(body);
        body.developerRoles().forEach(role -> splice.replace(role.start(), role.end(), "\"system\""));

        ByteBuf spliced = splice.apply();

        assertThat(spliced.toString(StandardCharsets.UTF_8)).isEqualTo(request.replace("developer", "system"));
        assertThat(spliced.nioBufferCount()).isOne();
        spliced.release();
        body.bytes().release();
        assertThat(bytes.refCnt()).isZero();
    }

    /** A failure names its seed, which makes the same requests again. */
    @Test
    void doesWhatATreeWouldWithAnyRequest() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try {
            for (int i = 0; i < 2000; i++) {
                assertThatSpliceIsTree(random);
            }
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + "L", e);
        }
    }

    private static void assertThatSpliceIsTree(Random random) {
        RandomRequest request = new RandomRequest(random);
        String padding = random.nextInt(4) == 0 ? " ".repeat(LONG.length()) : "";
        List<String> noted = new ArrayList<>(NOTED);
        Collections.shuffle(noted, random);
        List<String> present = noted.subList(0, random.nextInt(6));
        String text = padding + request.with(present);
        ByteBuf bytes = pieces(text, random);
        RequestBody body = RequestScanner.scan(bytes);
        Splice splice = new Splice(body);
        List<String> removed = new ArrayList<>();
        List<JsonEdit> edits = new ArrayList<>();
        for (String name : present) {
            Member member = member(body, name);
            String value = request.value(2);
            switch (random.nextInt(5)) {
                case 0 -> {
                    removed.add(name);
                    splice.remove(member);
                }
                case 1 -> {
                    edits.add(new JsonEdit(name, name, value));
                    splice.set(name, value);
                }
                case 2 -> {
                    edits.add(new JsonEdit(name, "new " + name, null));
                    splice.rename(member, "new " + name);
                }
                case 3 -> {
                    edits.add(new JsonEdit(name, "new " + name, value));
                    splice.rename(member, "new " + name);
                    splice.replace(member, value);
                }
                default -> {}
            }
        }
        List<String> added = noted.subList(present.size(), present.size() + random.nextInt(3));
        for (String name : added) {
            splice.set(name, "{\"added\":[]}");
        }

        ByteBuf spliced = splice.apply();
        String result = spliced.toString(StandardCharsets.UTF_8);
        spliced.release();
        body.bytes().release();

        List<Entry> wanted = new ArrayList<>();
        added.forEach(name -> wanted.add(new Entry(name, JSON.readTree("{\"added\":[]}"))));
        JSON.readTree(text).forEachEntry((name, value) -> {
            if (!removed.contains(name)) {
                wanted.add(edits.stream()
                        .filter(edit -> edit.name.equals(name))
                        .map(edit -> edit.applied(value))
                        .findFirst()
                        .orElse(new Entry(name, value)));
            }
        });
        List<Entry> read = new ArrayList<>();
        JSON.readTree(result).forEachEntry((name, value) -> read.add(new Entry(name, value)));
        assertThat(read).as("%s became %s", text, result).isEqualTo(wanted);
        assertThat(bytes.refCnt()).as("references: %s", text).isZero();
    }

    private record Entry(String name, JsonNode value) {}

    private record JsonEdit(String name, String newName, String newValue) {

        Entry applied(JsonNode value) {
            return new Entry(newName, newValue == null ? value : JSON.readTree(newValue));
        }
    }

    /** Applies {@code edits} to {@code request}, checks that no reference is left over, and says what came out. */
    private static String edited(String request, BiConsumer<RequestBody, Splice> edits) {
        ByteBuf bytes = direct(request);
        RequestBody body = RequestScanner.scan(bytes);
        Splice splice = new Splice(body);
        edits.accept(body, splice);
        ByteBuf spliced = splice.apply();
        String result = spliced.toString(StandardCharsets.UTF_8);
        spliced.release();
        assertThat(bytes.refCnt()).as("references to the request").isOne();
        body.bytes().release();
        assertThat(bytes.refCnt()).isZero();
        return result;
    }

    private static Member member(RequestBody body, String name) {
        Member member = body.members().get(name);
        assertThat(member).as(name).isNotNull();
        return member;
    }

    private static ByteBuf direct(String text) {
        return PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** As a request comes in over the wire, in one piece or a few. */
    private static ByteBuf pieces(String text, Random random) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (random.nextBoolean()) {
            return direct(text);
        }
        int cut = random.nextInt(bytes.length);
        return Unpooled.compositeBuffer()
                .addComponent(
                        true, PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(bytes, 0, cut))
                .addComponent(
                        true, PooledByteBufAllocator.DEFAULT.heapBuffer().writeBytes(bytes, cut, bytes.length - cut));
    }
}
