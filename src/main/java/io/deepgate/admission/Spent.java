package io.deepgate.admission;

/**
 * What calls cost.
 *
 * @param nanos nano-dollars; calls without a price cost none
 * @param tokens prompt and completion tokens
 */
public record Spent(long nanos, long tokens) {

    /** Nothing. */
    public static final Spent NONE = new Spent(0, 0);
}
