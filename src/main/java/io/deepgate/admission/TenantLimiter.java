package io.deepgate.admission;

import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.deepgate.admission.LimitExceededException.Limit;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One tenant's buckets, budgets and open calls. Every decision is one step under one lock: a refusal claims nothing. */
final class TenantLimiter {

    private static final Duration SLOT_WAIT = Duration.ofSeconds(1);

    private final Clocks clocks;
    private final BudgetShares warnings;
    private final Estimates estimates;
    private final TenantMeters meters;
    private final TenantBudgets budgets = new TenantBudgets();
    private final Set<BudgetKind> shown = EnumSet.noneOf(BudgetKind.class);
    private Limits limits = Limits.NONE;
    private @Nullable Bucket requests;
    private @Nullable Bucket tokens;
    private long inFlight;

    TenantLimiter(String tenant, AdmissionProperties properties, Clocks clocks, MeterRegistry registry) {
        this.clocks = clocks;
        this.warnings = new BudgetShares(properties.budgetWarnings());
        this.estimates = new Estimates(properties.leastCompletionClaim(), properties.completionClaim());
        this.meters = new TenantMeters(registry, tenant, this::inFlight);
    }

    /** Starts a new bucket for each limit that is no longer the one that its bucket was made for. */
    private void adopt(Tenant tenant) {
        Limits now = tenant.limits();
        if (!now.equals(limits)) {
            if (!Objects.equals(now.requestsPerMinute(), limits.requestsPerMinute())) {
                requests = bucket(now.requestsPerMinute());
            }
            if (!Objects.equals(now.tokensPerMinute(), limits.tokensPerMinute())) {
                tokens = bucket(now.tokensPerMinute());
            }
            limits = now;
        }
        budgets.adopt(tenant.budget(), clocks.wall());
        for (BudgetKind kind : budgets.windows().keySet()) {
            if (shown.add(kind)) {
                meters.budget(kind, () -> share(kind), () -> warnings.reached(share(kind)));
            }
        }
    }

    private @Nullable Bucket bucket(@Nullable Long perMinute) {
        return perMinute == null ? null : new Bucket(perMinute, clocks.nanos().getAsLong());
    }

    /**
     * Counts a call as open.
     *
     * @throws LimitExceededException if too many are, or if nothing could be claimed now: a tenant in debt is not to upload
     *     a prompt that could not be admitted
     */
    synchronized void open(Tenant tenant) {
        adopt(tenant);
        Long most = limits.concurrentRequests();
        if (most != null && inFlight >= most) {
            refuse(tenant, allInFlight(most));
        }
        require(tenant, 1);
        inFlight++;
    }

    /**
     * Takes what the call will probably use.
     *
     * @throws LimitExceededException if it is not there
     */
    synchronized Claim claim(Tenant tenant, long promptByBytes, long maxTokens) {
        adopt(tenant);
        long units = estimates.prompt(promptByBytes) + estimates.completion(maxTokens);
        require(tenant, units);
        Spent spent = new Spent(estimates.cost(units), units);
        take(requests, 1);
        take(tokens, units);
        budgets.windows().values().forEach(window -> window.add(spent));
        return new Claim(requests, tokens, budgets.windows(), promptByBytes, spent);
    }

    private void require(Tenant tenant, long units) {
        LimitExceededException spent = budgets.refusal(clocks.wall());
        if (spent != null) {
            refuse(tenant, spent);
        }
        require(tenant, tokens, units, Limit.TOKENS);
        require(tenant, requests, 1, Limit.REQUESTS);
    }

    private void require(Tenant tenant, @Nullable Bucket bucket, long units, Limit limit) {
        long wait = bucket == null ? 0 : bucket.nanosUntil(units, clocks.nanos().getAsLong());
        if (bucket != null && wait > 0) {
            refuse(tenant, spent(limit, bucket, units, wait));
        }
    }

    private void refuse(Tenant tenant, LimitExceededException refusal) {
        if (tenant.shadow()) {
            meters.shadowed(refusal.limit());
            return;
        }
        meters.rejected(refusal.limit());
        throw refusal;
    }

    /** Ends a call: what was claimed too much goes back, what was used beyond becomes debt. */
    synchronized void settle(@Nullable Claim claim, Used used) {
        inFlight--;
        if (claim != null) {
            Spent spent = used.spent();
            take(claim.tokens(), spent.tokens() - claim.spent().tokens());
            for (SpendWindow window : claim.windows().values()) {
                window.remove(claim.spent());
                window.add(spent);
            }
            meters.drifted(claim.spent().tokens() - spent.tokens());
            estimates.learn(claim.promptByBytes(), used);
        }
    }

    /** Ends a call that used nothing: all goes back. */
    synchronized void cancel(@Nullable Claim claim) {
        inFlight--;
        if (claim != null) {
            take(claim.requests(), -1);
            take(claim.tokens(), -claim.spent().tokens());
            claim.windows().values().forEach(window -> window.remove(claim.spent()));
        }
    }

    private void take(@Nullable Bucket bucket, long units) {
        if (bucket != null && units != 0) {
            bucket.take(units, clocks.nanos().getAsLong());
        }
    }

    /** When the tenant's windows began, by budget. */
    synchronized Map<BudgetKind, Instant> windows(Tenant tenant) {
        adopt(tenant);
        Map<BudgetKind, Instant> starts = new EnumMap<>(BudgetKind.class);
        budgets.windows().forEach((kind, window) -> starts.put(kind, window.start()));
        return starts;
    }

    /** What is recorded as spent since {@code start} was spent in the window that began then, if it still runs. */
    synchronized void restore(BudgetKind kind, Instant start, Spent recorded) {
        SpendWindow window = budgets.windows().get(kind);
        if (window != null && window.start().equals(start)) {
            window.atLeast(recorded);
        }
    }

    private synchronized long inFlight() {
        return inFlight;
    }

    private synchronized double share(BudgetKind kind) {
        return budgets.share(kind);
    }

    synchronized RateLimits rateLimits(Tenant tenant) {
        adopt(tenant);
        return new RateLimits(window(requests), window(tokens), budgets.warning(warnings));
    }

    private RateLimits.Window window(@Nullable Bucket bucket) {
        if (bucket == null) {
            return RateLimits.Window.UNLIMITED;
        }
        long now = clocks.nanos().getAsLong();
        return new RateLimits.Window(bucket.perMinute(), bucket.units(now), bucket.nanosUntil(bucket.perMinute(), now));
    }

    private static LimitExceededException allInFlight(long most) {
        return new LimitExceededException(
                Limit.CONCURRENCY,
                "All " + most + " concurrent requests of this tenant are in flight. Wait for one to end.",
                SLOT_WAIT);
    }

    private static LimitExceededException spent(Limit limit, Bucket bucket, long units, long nanos) {
        return new LimitExceededException(
                limit,
                "Rate limit reached: this tenant has " + bucket.perMinute() + " " + limit.label()
                        + " per minute and asked for " + units
                        + " more. Try again after the time that retry-after gives.",
                Duration.ofNanos(nanos));
    }
}
