package io.deepgate.sandbox;

/** The tokens of one answer: {@code cached} is part of {@code prompt}, {@code reasoning} of {@code completion}. */
record Usage(int prompt, int cached, int completion, int reasoning) {

    int total() {
        return prompt + completion;
    }
}
