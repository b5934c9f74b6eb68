package io.deepgate.api;

/** Nothing is served at the path, or not with the method. */
public final class UnknownPathException extends RuntimeException {

    private final boolean wrongMethod;

    /** @param served the methods and paths that are served, for the message */
    public UnknownPathException(String method, String path, boolean wrongMethod, String served) {
        super(method + " " + shortened(path) + " is not served here. Served are: " + served + ".", null, false, false);
        this.wrongMethod = wrongMethod;
    }

    private static String shortened(String path) {
        return path.length() > 100 ? path.substring(0, 100) + "…" : path;
    }

    /** Whether the path is served with another method. */
    public boolean wrongMethod() {
        return wrongMethod;
    }
}
