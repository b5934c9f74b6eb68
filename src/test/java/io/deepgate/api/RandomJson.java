package io.deepgate.api;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;

/** Random JSON text: every kind of value, in every way of writing it. */
final class RandomJson {

    private static final List<String> NUMBERS =
            List.of("0", "-0", "7", "-13", "1.5", "1e3", "-2.5E-7", "9007199254740993", "12345678901234567890");
    private static final List<String> LETTERS = List.of(
            "a",
            "Z",
            " ",
            "é",
            "ß",
            "日",
            "🚀",
            "{",
            "}",
            "[",
            ":",
            ",",
            "\\\"",
            "\\\\",
            "\\/",
            "\\n",
            "\\u00e9",
            "\\ud83d\\ude80");
    private static final List<String> SPACES = List.of("", "", "", " ", "\n", "\t ", "\r\n  ");

    private final Random random;

    RandomJson(Random random) {
        this.random = random;
    }

    <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    String space() {
        return one(SPACES);
    }

    String string(int most) {
        StringBuilder text = new StringBuilder("\"");
        int length = random.nextInt(most + 1);
        for (int i = 0; i < length; i++) {
            text.append(one(LETTERS));
        }
        return text.append('"').toString();
    }

    /** A string that says {@code text}, here and there with escapes. */
    String saying(String text) {
        StringBuilder written = new StringBuilder("\"");
        for (char letter : text.toCharArray()) {
            written.append(random.nextInt(8) == 0 ? "\\u%04x".formatted((int) letter) : String.valueOf(letter));
        }
        return written.append('"').toString();
    }

    String value(int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 5)) {
            case 0 -> one(List.of("true", "false", "null"));
            case 1 -> one(NUMBERS);
            case 2, 3, 4 -> string(random.nextInt(50) == 0 ? 5000 : 12);
            case 5 -> list("[", "]", () -> value(depth - 1));
            default -> list("{", "}", () -> field(depth - 1));
        };
    }

    private String field(int depth) {
        String name = random.nextInt(3) == 0 ? saying(one(List.of("model", "stream", "max_tokens"))) : string(6);
        return name + space() + ":" + space() + value(depth);
    }

    private String list(String open, String close, Supplier<String> entry) {
        StringBuilder text = new StringBuilder(open).append(space());
        int length = random.nextInt(5);
        for (int i = 0; i < length; i++) {
            text.append(i == 0 ? "" : ",").append(space()).append(entry.get()).append(space());
        }
        return text.append(close).toString();
    }
}
