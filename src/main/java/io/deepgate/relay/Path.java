package io.deepgate.relay;

import java.util.Arrays;

/** Where in a JSON document a reader stands: the names of the members it is in, as deep as they matter. */
final class Path {

    private static final int DEEPEST = 8;

    private final String[] names = new String[DEEPEST + 1];
    private int depth;

    Path() {
        Arrays.fill(names, "");
    }

    /** Objects and arrays that are open; 0 outside the document. */
    int depth() {
        return depth;
    }

    /** Whether names are known here. */
    boolean known() {
        return depth > 0 && depth <= DEEPEST;
    }

    /** The member's name in the object that was opened as the {@code level}th; empty in an array. */
    String at(int level) {
        return level <= DEEPEST ? names[level] : "";
    }

    /** The name of the member that the reader is at. */
    String name() {
        return at(depth);
    }

    void name(String name) {
        if (depth <= DEEPEST) {
            names[depth] = name;
        }
    }

    void open() {
        depth++;
        name("");
    }

    void close() {
        depth--;
    }
}
