package io.deepgate.usage;

/** The journal is full, and {@code gateway.usage.journal-full} says to refuse calls then. */
public final class JournalFullException extends RuntimeException {

    JournalFullException() {
        super(
                "The gateway cannot account for calls just now. Its operators are told; try again later.",
                null,
                false,
                false);
    }
}
