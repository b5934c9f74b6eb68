package io.deepgate.usage;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.core.NestedExceptionUtils;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

/** Deletes single calls that are older than they are kept, every hour, a few in a transaction. The sums stay. */
final class Retention implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(Retention.class);
    private static final int BATCH = 1000;

    private final Ledger ledger;
    private final Duration keep;
    private final InstantSource clock;
    private final Disposable schedule;

    Retention(Ledger ledger, Duration keep, InstantSource clock) {
        this.ledger = ledger;
        this.keep = keep;
        this.clock = clock;
        schedule = Schedulers.boundedElastic().schedulePeriodically(this::delete, 5, 60, TimeUnit.MINUTES);
    }

    /** Deletes what is too old now. */
    void delete() {
        try {
            int deleted = BATCH;
            while (deleted >= BATCH && !schedule.isDisposed()) {
                deleted = ledger.deleteCalls(clock.instant().minus(keep), BATCH);
            }
        } catch (RuntimeException e) {
            log.debug("Old calls are deleted later", NestedExceptionUtils.getMostSpecificCause(e));
        }
    }

    @Override
    public void destroy() {
        schedule.dispose();
    }
}
