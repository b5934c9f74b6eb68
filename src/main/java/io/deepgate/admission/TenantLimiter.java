package io.deepgate.admission;

import io.deepgate.access.Tenant;
import io.deepgate.admission.LimitExceededException.Limit;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One tenant's buckets, budgets and open calls. Every decision is one step under one lock: a refusal claims nothing. */
final class TenantLimiter {

    private final Clocks clocks;
    private final BudgetShares warnings;
    private final Estimates estimates;
    private final TenantMeters meters;
    private final TenantBudgets budgets = new TenantBudgets();
    private final Set<BudgetKind> shown = EnumSet.noneOf(BudgetKind.class);
    private final TenantBuckets buckets;
    private long inFlight;
    private long learntAt;
    private long openEverywhere;

    TenantLimiter(String tenant, AdmissionProperties properties, Clocks clocks, MeterRegistry registry) {
        this.clocks = clocks;
        this.buckets = new TenantBuckets(clocks.nanos());
        this.warnings = new BudgetShares(properties.budgetWarnings());
        this.estimates = new Estimates(properties.leastCompletionClaim(), properties.completionClaim());
        this.meters = new TenantMeters(registry, tenant, this::inFlight);
    }

    private void adopt(Tenant tenant) {
        buckets.adopt(tenant.limits());
        budgets.adopt(tenant.budget(), clocks.wall());
        for (BudgetKind kind : budgets.windows().keySet()) {
            if (shown.add(kind)) {
                meters.budget(kind, () -> share(kind), () -> warnings.reached(share(kind)));
            }
        }
    }

    /**
     * Counts a call as open.
     *
     * @param weight how many replicas are presumed to do what this one does
     * @throws LimitExceededException if too many are open, or if nothing could be claimed now: a tenant in debt is not to
     *     upload a prompt that could not be admitted
     */
    synchronized void open(Tenant tenant, int weight) {
        adopt(tenant);
        checkOpen(tenant, weight);
        if (!tenant.shadow()) {
            require(tenant, 1, weight);
        }
        inFlight++;
    }

    /** Counts a call as open, of which another store decides; only what is open here is looked at. */
    synchronized void enter(Tenant tenant) {
        adopt(tenant);
        if (!tenant.shadow()) {
            checkOpen(tenant, 1);
        }
        inFlight++;
    }

    /**
     * Whether a call that is open already may be, of which Redis has not decided: all that is open here counts against this
     * replica's share, and where all were taken {@code fresh} nanoseconds ago or less, none is left.
     *
     * @param weight how many replicas there are
     * @throws LimitExceededException if it may not
     */
    synchronized void requirePlace(Tenant tenant, int weight, long fresh) {
        Long most = buckets.limits().concurrentRequests();
        if (most != null && (inFlight > Math.max(1, most / weight) || (knows(fresh) && openEverywhere >= most))) {
            refuse(tenant, Refusals.concurrency(most));
        }
    }

    private void checkOpen(Tenant tenant, int weight) {
        Long most = buckets.limits().concurrentRequests();
        if (most != null && inFlight >= Math.max(1, most / weight)) {
            refuse(tenant, Refusals.concurrency(most));
        }
    }

    /** What the call will probably use; nothing of it is taken. */
    synchronized Claim ask(Tenant tenant, long promptByBytes, long maxTokens, int weight) {
        adopt(tenant);
        long units = estimates.prompt(promptByBytes) + estimates.completion(maxTokens);
        Spent spent = new Spent(estimates.cost(units), units);
        return new Claim(buckets.requests(), buckets.tokens(), budgets.windows(), promptByBytes, spent, weight);
    }

    /**
     * Takes what the call will probably use.
     *
     * @throws LimitExceededException if it is not there
     */
    synchronized Claim claim(Tenant tenant, long promptByBytes, long maxTokens, int weight) {
        Claim claim = ask(tenant, promptByBytes, maxTokens, weight);
        require(tenant, claim.spent().tokens(), weight);
        take(claim, weight);
        return claim;
    }

    private void require(Tenant tenant, long units, int weight) {
        LimitExceededException spent = budgets.refusal(clocks.wall());
        if (spent != null) {
            refuse(tenant, spent);
        }
        require(tenant, buckets.tokens(), units, weight, Limit.TOKENS);
        require(tenant, buckets.requests(), 1, weight, Limit.REQUESTS);
    }

    private void require(Tenant tenant, @Nullable Bucket bucket, long units, int weight, Limit limit) {
        long wait = buckets.nanosUntil(bucket, units * weight);
        if (bucket != null && wait > 0) {
            refuse(tenant, Refusals.rate(limit, bucket.perMinute(), units, wait));
        }
    }

    private void refuse(Tenant tenant, LimitExceededException refusal) {
        count(tenant, refusal.limit());
        if (!tenant.shadow()) {
            throw refusal;
        }
    }

    /** Counts a refusal, or that in shadow mode there would have been one. */
    void count(Tenant tenant, Limit limit) {
        if (tenant.shadow()) {
            meters.shadowed(limit);
        } else {
            meters.rejected(limit);
        }
    }

    private void take(Claim claim, int times) {
        buckets.take(claim.requests(), times);
        buckets.take(claim.tokens(), times * claim.spent().tokens());
        for (SpendWindow window : claim.windows().values()) {
            window.add(claim.spent(), times);
        }
    }

    /** Ends a call: what was claimed too much goes back, what was used beyond becomes debt. */
    synchronized void settle(@Nullable Claim claim, Used used) {
        if (claim != null) {
            Spent spent = used.spent();
            buckets.take(
                    claim.tokens(),
                    claim.weight() * (spent.tokens() - claim.spent().tokens()));
            for (SpendWindow window : claim.windows().values()) {
                window.add(claim.spent(), -claim.weight());
                window.add(spent, claim.weight());
            }
        }
        close(claim, used);
    }

    /** Ends a call that used nothing: all goes back. */
    synchronized void cancel(@Nullable Claim claim) {
        giveBack(claim);
        inFlight--;
    }

    /** Gives back what a call took that goes on. */
    synchronized void giveBack(@Nullable Claim claim) {
        if (claim != null) {
            take(claim, -claim.weight());
        }
    }

    /** Ends a call, which is settled elsewhere, and learns from it. */
    synchronized void close(@Nullable Claim claim, Used used) {
        inFlight--;
        if (claim != null) {
            meters.drifted(claim.spent().tokens() - used.spent().tokens());
            estimates.learn(claim.promptByBytes(), used);
        }
    }

    /** Takes over how another store's limits stand, after it took or settled {@code claim}. */
    synchronized void learn(Claim claim, LimitState state) {
        learntAt = clocks.nanos().getAsLong();
        openEverywhere = state.open();
        buckets.learn(claim, state);
        state.budgets().forEach((kind, spent) -> {
            SpendWindow window = budgets.windows().get(kind);
            if (window != null && window.endMillis() == spent.endMillis()) {
                window.set(spent.amount());
            }
        });
    }

    /** Whether another store's limits were learnt less than {@code nanos} ago. */
    synchronized boolean knows(long nanos) {
        return learntAt != 0 && clocks.nanos().getAsLong() - learntAt < nanos;
    }

    /** Why a call was refused elsewhere, in the words that are used here. */
    synchronized LimitExceededException refusal(Claim claim, Limit limit, long nanos) {
        return switch (limit) {
            case CONCURRENCY ->
                Refusals.concurrency(Objects.requireNonNullElse(buckets.limits().concurrentRequests(), 0L));
            case BUDGET ->
                Objects.requireNonNullElseGet(
                        budgets.refusal(clocks.wall()),
                        () -> Refusals.budget("today", "a later time", Duration.ofNanos(nanos)));
            case TOKENS ->
                Refusals.rate(limit, perMinute(claim.tokens()), claim.spent().tokens(), nanos);
            case REQUESTS -> Refusals.rate(limit, perMinute(claim.requests()), 1, nanos);
        };
    }

    private static long perMinute(@Nullable Bucket bucket) {
        return bucket == null ? 0 : bucket.perMinute();
    }

    /** The windows that run now; what they hold is another thread's to read under this lock only. */
    synchronized Map<BudgetKind, SpendWindow> windows(Tenant tenant) {
        adopt(tenant);
        return budgets.windows();
    }

    /** What this process knows to be spent in the windows. */
    synchronized Map<BudgetKind, Long> spent(Map<BudgetKind, SpendWindow> windows) {
        if (windows.isEmpty()) {
            return Map.of();
        }
        Map<BudgetKind, Long> spent = new EnumMap<>(BudgetKind.class);
        windows.forEach((kind, window) -> spent.put(kind, window.spent()));
        return spent;
    }

    /** What is recorded as spent in a window was spent in it. */
    synchronized void restore(BudgetKind kind, SpendWindow window, Spent recorded) {
        window.atLeast(recorded);
    }

    private synchronized long inFlight() {
        return inFlight;
    }

    private synchronized double share(BudgetKind kind) {
        return budgets.share(kind);
    }

    synchronized RateLimits rateLimits(Tenant tenant) {
        adopt(tenant);
        return new RateLimits(
                buckets.window(buckets.requests()), buckets.window(buckets.tokens()), budgets.warning(warnings));
    }
}
