package io.deepgate.watch;

/** A configured slug is not served upstream, and {@code gateway.catalog.unlisted-slugs} says to refuse that. */
final class UnlistedSlugException extends RuntimeException {

    UnlistedSlugException(String message) {
        super(message, null, false, false);
    }
}
