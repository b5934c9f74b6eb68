package io.deepgate.admission;

import java.time.Duration;

class MemoryLimiterContractTests extends LimiterContract {

    private final Limiter limiter =
            new MemoryLimiter(new TenantLimiters(AdmissionPropertiesTests.claiming(CLAIM), clocks, registry));

    @Override
    Limiter limiter() {
        return limiter;
    }

    @Override
    void pass(String tenant, Duration time) {
        shift.addAndGet(time.toNanos());
    }

    @Override
    void settled() {
        // It is when settle returns.
    }
}
