package io.deepgate.shadow;

/** Takes the record of every shadow call as it ends: without waiting and without failing. */
public interface ShadowSink {

    void add(ShadowCall call);
}
