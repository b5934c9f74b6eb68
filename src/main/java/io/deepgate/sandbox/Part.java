package io.deepgate.sandbox;

import java.util.List;

/** One stretch of an answer, token by token. */
record Part(Kind kind, List<String> tokens) {

    enum Kind {
        REASONING,
        CONTENT,
        CALL
    }

    String text() {
        return String.join("", tokens);
    }
}
