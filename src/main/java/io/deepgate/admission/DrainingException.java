package io.deepgate.admission;

/** This process is about to end: it takes no new call, and at last cuts those that have not ended. */
public final class DrainingException extends RuntimeException {

    private final boolean cut;

    private DrainingException(String message, boolean cut) {
        super(message, null, false, false);
        this.cut = cut;
    }

    static DrainingException refused() {
        return new DrainingException("This gateway is being replaced and takes no new calls. Try again.", false);
    }

    static DrainingException cut() {
        return new DrainingException(
                "This gateway is being replaced and could not wait any longer for the end of the answer. Try again.",
                true);
    }

    /** Whether the call had been admitted. */
    public boolean isCut() {
        return cut;
    }
}
