package io.deepgate.sandbox;

/** A piece of a body as it goes over the wire; content takes a token's time to come, the rest comes at once. */
record Frame(String text, boolean content) {

    static Frame content(String text) {
        return new Frame(text, true);
    }

    static Frame other(String text) {
        return new Frame(text, false);
    }
}
