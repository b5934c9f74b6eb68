package io.deepgate;

import io.deepgate.access.Caller;
import io.deepgate.usage.CallTrace;
import io.opentelemetry.api.trace.SpanContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells operators why a call failed by the gateway's own fault, which its client is not told. */
final class FailureLog {

    private static final Logger log = LoggerFactory.getLogger(FailureLog.class);

    private FailureLog() {}

    static void add(String requestId, Caller caller, SpanContext trace, Throwable failure) {
        log.atError()
                .addKeyValue("http.request.id", requestId)
                .addKeyValue("tenant", caller.tenant().id())
                .addKeyValue("key_id", caller.keyId())
                .addKeyValue("trace.id", CallTrace.id(trace))
                .setCause(failure)
                .log("Call {} failed in the gateway", requestId);
    }
}
