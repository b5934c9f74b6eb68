package io.deepgate.api;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Makes requests up: any members in any order, spaces anywhere, every kind of value. */
final class RandomRequest {

    private static final List<String> SPACES = List.of("", "", "", " ", "\n", "\t ", "\r\n  ");
    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "hello, \\\"world\\\"",
            "{\\\"model\\\":\\\"x\\\"},[",
            "\\\\",
            "é日本😀",
            "\\u00e9\\ud83d\\ude00\\n",
            ",",
            "}",
            "\\u0022,\\u0022n\\u0022:2");
    private static final List<String> LITERALS =
            List.of("null", "true", "false", "0", "-1", "42", "1.5e-3", "-0.0", "123456789012345678901234567890");

    private final Random random;

    RandomRequest(Random random) {
        this.random = random;
    }

    /** A request with a model, the {@code names} and some others; only the scanner's types for the names it checks. */
    String with(List<String> names) {
        List<String> members = new ArrayList<>();
        members.add(member("model", "\"" + oneOf(List.of("m", "deepseek-flash", "\\u006d", "日本")) + "\""));
        names.forEach(name -> members.add(member(name, valueOf(name))));
        for (int i = random.nextInt(4); i > 0; i--) {
            members.add(member("other" + i, value(3)));
        }
        if (random.nextBoolean()) {
            members.add(member("messages", messages()));
        }
        Collections.shuffle(members, random);
        return space() + "{" + String.join(",", members) + "}" + space();
    }

    /** Any value, nested no deeper than {@code depth}. */
    String value(int depth) {
        return switch (depth == 0 ? random.nextInt(2) : random.nextInt(4)) {
            case 0 -> oneOf(LITERALS);
            case 1 -> "\"" + oneOf(TEXTS) + "\"";
            case 2 -> list("[", "]", () -> value(depth - 1));
            default -> {
                int[] names = {0};
                yield list("{", "}", () -> member("k" + names[0]++, value(depth - 1)));
            }
        };
    }

    private String valueOf(String name) {
        return switch (name) {
            case "stream" -> oneOf(List.of("true", "false", "null"));
            case "max_tokens", "max_completion_tokens", "max_output_tokens" ->
                oneOf(List.of("1", "0", "-7", "393216", "null", "999999999999999999"));
            default -> value(3);
        };
    }

    private String messages() {
        return list(
                "[",
                "]",
                () -> "{" + member("role", "\"" + oneOf(List.of("system", "user", "developer", "assistant")) + "\"")
                        + "," + member("content", value(2)) + "}");
    }

    private String list(String open, String close, Supplier<String> element) {
        return open
                + IntStream.range(0, random.nextInt(4))
                        .mapToObj(i -> element.get())
                        .collect(Collectors.joining(","))
                + space()
                + close;
    }

    private String member(String name, String value) {
        return space() + "\"" + escaped(name) + "\"" + space() + ":" + space() + value + space();
    }

    /** The name as it is, or with one of its letters as an escape. */
    private String escaped(String name) {
        if (random.nextInt(8) > 0) {
            return name;
        }
        int at = random.nextInt(name.length());
        return name.substring(0, at) + "\\u%04x".formatted((int) name.charAt(at)) + name.substring(at + 1);
    }

    private String space() {
        return oneOf(SPACES);
    }

    private String oneOf(List<String> values) {
        return values.get(random.nextInt(values.size()));
    }
}
