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

/**
 * One tenant's buckets, budgets and open calls. Every decision is one step under one lock: a refusal claims nothing. Clocks
 * are read before it is taken, since event loops that serve one tenant wait for each other there.
 */
final class TenantLimiter {

    private final Clocks clocks;
    private final BudgetShares warnings;
    private final Estimates estimates;
    private final TenantMeters meters;
    private final TenantBudgets budgets = new TenantBudgets();
    private final Set<BudgetKind> shown = EnumSet.noneOf(BudgetKind.class);
    private final TenantBuckets buckets = new TenantBuckets();
    private long inFlight;
    private long learntAt;
    private long openEverywhere;

    TenantLimiter(String tenant, AdmissionProperties properties, Clocks clocks, MeterRegistry registry) {
        this.clocks = clocks;
        this.warnings = new BudgetShares(properties.budgetWarnings());
        this.estimates = new Estimates(properties.leastCompletionClaim(), properties.completionClaim());
        this.meters = new TenantMeters(registry, tenant, this::inFlight);
    }

    private void adopt(Tenant tenant, long now, long millis) {
        buckets.adopt(tenant.limits(), now);
        budgets.adopt(tenant.budget(), millis);
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
    void open(Tenant tenant, int weight) {
        long now = nanos();
        long millis = millis();
        synchronized (this) {
            adopt(tenant, now, millis);
            checkOpen(tenant, weight);
            if (!tenant.shadow()) {
                require(tenant, 1, weight, now, millis);
            }
            inFlight++;
        }
    }

    private long nanos() {
        return clocks.nanos().getAsLong();
    }

    private long millis() {
        return clocks.wall().millis();
    }

    /** Counts a call as open, of which another store decides; only what is open here is looked at. */
    synchronized void enter(Tenant tenant) {
        adopt(tenant, nanos(), millis());
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
    synchronized Claim ask(Tenant tenant, long promptByBytes, long maxTokens) {
        adopt(tenant, nanos(), millis());
        return asked(promptByBytes, maxTokens, 1);
    }

    private Claim asked(long promptByBytes, long maxTokens, int weight) {
        long units = estimates.prompt(promptByBytes) + estimates.completion(maxTokens);
        Spent spent = new Spent(estimates.cost(units), units);
        return new Claim(buckets.requests(), buckets.tokens(), budgets.windows(), promptByBytes, spent, weight);
    }

    /**
     * Takes what the call will probably use.
     *
     * @throws LimitExceededException if it is not there
     */
    Claim claim(Tenant tenant, long promptByBytes, long maxTokens, int weight) {
        long now = nanos();
        long millis = millis();
        synchronized (this) {
            adopt(tenant, now, millis);
            Claim claim = asked(promptByBytes, maxTokens, weight);
            require(tenant, claim.spent().tokens(), weight, now, millis);
            claim.take(weight, now);
            return claim;
        }
    }

    private void require(Tenant tenant, long units, int weight, long now, long millis) {
        LimitExceededException spent = budgets.refusal(millis);
        if (spent != null) {
            refuse(tenant, spent);
        }
        require(tenant, Limit.TOKENS, buckets.tokens(), units, weight, now);
        require(tenant, Limit.REQUESTS, buckets.requests(), 1, weight, now);
    }

    private void require(Tenant tenant, Limit limit, @Nullable Bucket bucket, long units, int weight, long now) {
        long wait = bucket == null ? 0 : bucket.nanosUntil(units * weight, now);
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

    /** Ends a call: what was claimed too much goes back, what was used beyond becomes debt. */
    void settle(@Nullable Claim claim, Used used) {
        long now = nanos();
        synchronized (this) {
            if (claim != null) {
                claim.settle(used.spent(), now);
            }
            close(claim, used);
        }
    }

    /** Ends a call that used nothing: all goes back. */
    synchronized void cancel(@Nullable Claim claim) {
        giveBack(claim);
        inFlight--;
    }

    /** Gives back what a call took that goes on. */
    synchronized void giveBack(@Nullable Claim claim) {
        if (claim != null) {
            claim.take(-claim.weight(), nanos());
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
        learntAt = nanos();
        openEverywhere = state.open();
        buckets.learn(claim, state, learntAt);
        state.budgets().forEach((kind, spent) -> {
            SpendWindow window = budgets.windows().get(kind);
            if (window != null && window.endMillis() == spent.endMillis()) {
                window.set(spent.amount());
            }
        });
    }

    /** Whether another store's limits were learnt less than {@code nanos} ago. */
    synchronized boolean knows(long nanos) {
        return learntAt != 0 && nanos() - learntAt < nanos;
    }

    /** Why a call was refused elsewhere, in the words that are used here. */
    synchronized LimitExceededException refusal(Claim claim, Limit limit, long nanos) {
        return switch (limit) {
            case CONCURRENCY ->
                Refusals.concurrency(Objects.requireNonNullElse(buckets.limits().concurrentRequests(), 0L));
            case BUDGET ->
                Objects.requireNonNullElseGet(
                        budgets.refusal(millis()),
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
        adopt(tenant, nanos(), millis());
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

    RateLimits rateLimits(Tenant tenant) {
        long now = nanos();
        long millis = millis();
        synchronized (this) {
            adopt(tenant, now, millis);
            return new RateLimits(
                    TenantBuckets.window(buckets.requests(), now),
                    TenantBuckets.window(buckets.tokens(), now),
                    budgets.warning(warnings));
        }
    }
}
