package io.deepgate.admission;

import io.deepgate.access.Budget;
import io.deepgate.access.Tenant;
import io.deepgate.access.TenantsFile;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.SmartInitializingSingleton;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Schedulers;

/** Tells the limiter what tenants with a budget have spent: before the first call, and again and again. */
final class SpendRestorer implements SmartInitializingSingleton, DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(SpendRestorer.class);

    private final Limiter limiter;
    private final TenantsFile tenants;
    private final SpendHistory history;
    private final Duration every;
    private Disposable schedule = Disposables.disposed();
    private boolean failing;

    SpendRestorer(Limiter limiter, TenantsFile tenants, SpendHistory history, Duration every) {
        this.limiter = limiter;
        this.tenants = tenants;
        this.history = history;
        this.every = every;
    }

    /** Before the port opens: not one call is admitted that a spent budget forbids. */
    @Override
    public void afterSingletonsInstantiated() {
        restore();
        schedule = Schedulers.boundedElastic()
                .schedulePeriodically(this::restore, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void restore() {
        try {
            for (Tenant tenant : tenants.current().all()) {
                if (!tenant.budget().equals(Budget.NONE)) {
                    limiter.restore(tenant, history);
                }
            }
            failing = false;
        } catch (RuntimeException e) {
            if (!failing) {
                log.warn("What tenants have spent cannot be read; budgets count what this process knows", e);
            }
            failing = true;
        }
    }

    @Override
    public void destroy() {
        schedule.dispose();
    }
}
