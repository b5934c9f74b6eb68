package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.access.Tenant;
import io.deepgate.access.TenantsFile;
import io.deepgate.admission.Limiter;
import io.deepgate.admission.OpenCalls;
import io.deepgate.admission.SpendHistory;
import io.deepgate.usage.CallRecord;
import io.micrometer.core.instrument.Gauge;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.awaitility.Awaitility;

/** What must hold once every call has ended, whatever ended it. */
public final class AtRest {

    private AtRest() {}

    /** No call is in flight, and every record has been asked for: none is too many. Takes those away that are. */
    public static void assertThatHolds(Gateway gateway) {
        within(
                Duration.ofSeconds(10),
                () -> gateway.meters().find("gateway.admission.in.flight").gauges().stream()
                        .allMatch(gauge -> gauge.value() == 0));
        List<CallRecord> more = new ArrayList<>();
        while (gateway.unreadRecords() > 0) {
            more.add(gateway.record());
        }
        assertThat(more).as("call records beyond one a call").isEmpty();
    }

    /** {@code tenant}, whose budget is a dollar a month, has spent {@code nanos} for the limiter and for the ledger. */
    public static void assertThatSpendAgrees(Gateway gateway, String tenant, long nanos) {
        Gauge share = gateway.meters()
                .get("gateway.admission.budget.used")
                .tags("tenant", tenant, "budget", "usd-per-month")
                .gauge();
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(Math.round(share.value() * 1e9))
                        .as("spent in the limiter")
                        .isEqualTo(nanos));
        assertThat(gateway.bean(SpendHistory.class).since(tenant, Instant.EPOCH).nanos())
                .as("spent in the ledger")
                .isEqualTo(nanos);
    }

    /** No call is open. */
    public static void assertThatHasNoOpenCall(Gateway gateway) {
        within(Duration.ofSeconds(10), () -> gateway.bean(OpenCalls.class).count() == 0);
    }

    /** Tokens that {@code tenant} could claim now. */
    public static long claimableTokens(Gateway gateway, String tenant) {
        return gateway.bean(Limiter.class)
                .rateLimits(named(gateway, tenant))
                .tokens()
                .remaining();
    }

    /** Calls of {@code tenant} that are open now. */
    public static long inFlight(Gateway gateway, String tenant) {
        Gauge gauge = gateway.meters()
                .find("gateway.admission.in.flight")
                .tag("tenant", tenant)
                .gauge();
        return gauge == null ? 0 : (long) gauge.value();
    }

    /** Bytes of direct memory that Netty holds, those it keeps for reuse included. */
    public static long directMemory() {
        return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                .metric()
                .usedDirectMemory();
    }

    /** Waits for what takes no longer than {@code most}. */
    public static void within(Duration most, Callable<Boolean> condition) {
        every(Duration.ofMillis(5), most, condition);
    }

    /** Waits for what takes no longer than {@code most}, looking again after each {@code interval}. */
    public static void every(Duration interval, Duration most, Callable<Boolean> condition) {
        Awaitility.await()
                .pollDelay(Duration.ZERO)
                .pollInterval(interval)
                .atMost(most)
                .until(condition);
    }

    private static Tenant named(Gateway gateway, String tenant) {
        return gateway.bean(TenantsFile.class).current().all().stream()
                .filter(one -> one.id().equals(tenant))
                .findFirst()
                .orElseThrow();
    }
}
