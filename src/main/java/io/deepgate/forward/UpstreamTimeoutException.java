package io.deepgate.forward;

import java.time.Duration;

/** The upstream let one of the four timers run out. */
public final class UpstreamTimeoutException extends RuntimeException {

    /** Which wait was too long. */
    public enum Wait {
        CONNECT("could not be connected to"),
        FIRST_CONTENT("sent no content"),
        IDLE("sent no further content"),
        TOTAL("did not finish");

        private final String said;

        Wait(String said) {
            this.said = said;
        }
    }

    private final Wait wait;

    UpstreamTimeoutException(Wait wait, Duration timeout) {
        super("The upstream " + wait.said + " within " + text(timeout) + ".", null, false, false);
        this.wait = wait;
    }

    private static String text(Duration timeout) {
        return timeout.toMillis() < 1000 ? timeout.toMillis() + " ms" : timeout.toMillis() / 1000.0 + " s";
    }

    public Wait waited() {
        return wait;
    }
}
