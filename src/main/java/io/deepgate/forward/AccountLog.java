package io.deepgate.forward;

import io.deepgate.catalog.Upstream;
import io.deepgate.forward.AttemptMeters.Result;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells operators, once per change, what no tenant can mend: that an upstream refuses our key or our balance is spent. */
final class AccountLog {

    private static final Logger log = LoggerFactory.getLogger(AccountLog.class);

    private final Map<String, Result> troubles = new ConcurrentHashMap<>();

    void ended(Upstream upstream, Result result) {
        switch (result) {
            case UNAUTHORIZED -> trouble(upstream, result, "refuses the gateway's key; no call to it can succeed");
            case INSUFFICIENT_BALANCE -> trouble(upstream, result, "says that the gateway's account is empty");
            case COMPLETED -> {
                if (!troubles.isEmpty() && troubles.remove(upstream.name()) != null) {
                    log.info("The upstream '{}' takes calls again", upstream.name());
                }
            }
            default -> {}
        }
    }

    private void trouble(Upstream upstream, Result trouble, String words) {
        if (troubles.put(upstream.name(), trouble) != trouble) {
            log.error("The upstream '{}' {}", upstream.name(), words);
        }
    }
}
