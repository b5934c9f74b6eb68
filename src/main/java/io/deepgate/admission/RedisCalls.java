package io.deepgate.admission;

import io.deepgate.access.Tenant;
import io.lettuce.core.ScriptOutputType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Puts a tenant's limits and claims into the words of the scripts. */
final class RedisCalls {

    private static final String GIVE_BACK = "-1";
    private static final int FIRST_BUDGET = 6;

    /**
     * What Redis says.
     *
     * @param spent the limits that are spent; with some, only a tenant in shadow mode is admitted
     * @param waitNanos until the first of them is not
     * @param born names the tenant's data: another name, and they were lost in between
     */
    record Reply(List<String> spent, long waitNanos, String born, LimitState state) {}

    private final RedisStore store;
    private final String leaseMillis;

    RedisCalls(RedisStore store, long leaseMillis) {
        this.store = store;
        this.leaseMillis = Long.toString(leaseMillis);
    }

    static String[] keys(String tenant) {
        return new String[] {"deepgate:{" + tenant + "}:limits", callsKey(tenant)};
    }

    /** Where the leases of a tenant's calls are. */
    static String callsKey(String tenant) {
        return "deepgate:{" + tenant + "}:calls";
    }

    /** @param known what this process knows to be spent, by budget */
    CompletableFuture<Reply> admit(Tenant tenant, String call, Claim claim, Map<BudgetKind, Long> known) {
        String[] values = new String[7 + 5 * BudgetKind.values().length];
        values[0] = call;
        values[1] = leaseMillis;
        values[2] = tenant.shadow() ? "1" : "0";
        values[3] = Long.toString(claim.spent().tokens());
        values[4] = perMinute(claim.requests());
        values[5] = perMinute(claim.tokens());
        values[6] = number(tenant.limits().concurrentRequests());
        int at = 7;
        for (BudgetKind kind : BudgetKind.values()) {
            SpendWindow window = claim.windows().get(kind);
            values[at] = window == null ? "0" : number(kind.limit(tenant.budget()));
            values[at + 1] = window == null ? "0" : Long.toString(kind.amount(claim.spent()));
            values[at + 2] = window == null ? "0" : Long.toString(window.endMillis());
            values[at + 3] = window == null ? "0" : Long.toString(window.nextEndMillis());
            values[at + 4] = window == null ? "0" : Long.toString(known.getOrDefault(kind, 0L));
            at += 5;
        }
        return run(RedisScript.ADMIT, tenant.id(), values);
    }

    /**
     * Ends a call.
     *
     * @param admitted what Redis said when it was admitted
     * @param used null if it used nothing, so that its request goes back too
     */
    CompletableFuture<Reply> settle(String tenant, String call, Claim claim, Reply admitted, @Nullable Spent used) {
        Spent spent = used == null ? Spent.NONE : used;
        String[] values = new String[6 + 2 * BudgetKind.values().length];
        values[0] = call;
        values[1] = admitted.born();
        values[2] = used == null ? GIVE_BACK : "0";
        values[3] = Long.toString(spent.tokens() - claim.spent().tokens());
        values[4] = perMinute(claim.requests());
        values[5] = perMinute(claim.tokens());
        int at = 6;
        for (BudgetKind kind : BudgetKind.values()) {
            LimitState.Window window = admitted.state().budgets().get(kind);
            values[at] = window == null ? "0" : Long.toString(window.endMillis());
            values[at + 1] = Long.toString(kind.amount(spent) - kind.amount(claim.spent()));
            at += 2;
        }
        return run(RedisScript.SETTLE, tenant, values);
    }

    /** Raises what was spent in the windows to what this process knows. */
    CompletableFuture<Object> restore(
            String tenant, Map<BudgetKind, SpendWindow> windows, Map<BudgetKind, Long> known) {
        String values = Stream.of(BudgetKind.values())
                .flatMap(kind -> Stream.of(
                        windows.containsKey(kind)
                                ? Long.toString(Objects.requireNonNull(windows.get(kind))
                                        .endMillis())
                                : "0",
                        Long.toString(known.getOrDefault(kind, 0L))))
                .collect(Collectors.joining(" "));
        return store.run(RedisScript.RESTORE, ScriptOutputType.INTEGER, keys(tenant), values);
    }

    /** Keeps entries for a lease more; returns how many there are in all. */
    CompletableFuture<Long> keep(String key, Stream<String> entries) {
        String[] values = Stream.concat(Stream.of(leaseMillis), entries).toArray(String[]::new);
        return store.run(RedisScript.LEASE, ScriptOutputType.INTEGER, new String[] {key}, values);
    }

    /** Ends the lease of a call. */
    void release(String tenant, String call) {
        store.remove(callsKey(tenant), call);
    }

    private CompletableFuture<Reply> run(RedisScript script, String tenant, String[] values) {
        return store.<String>run(script, ScriptOutputType.VALUE, keys(tenant), String.join(" ", values))
                .thenApply(RedisCalls::reply);
    }

    private static Reply reply(String line) {
        String[] said = line.split(",", -1);
        Map<BudgetKind, LimitState.Window> budgets = new EnumMap<>(BudgetKind.class);
        int at = FIRST_BUDGET;
        for (BudgetKind kind : BudgetKind.values()) {
            long ends = (long) Double.parseDouble(said[at + 1]);
            if (ends > 0) {
                budgets.put(kind, new LimitState.Window((long) Double.parseDouble(said[at]), ends));
            }
            at += 2;
        }
        String spent = said[0];
        LimitState state = new LimitState(
                Double.parseDouble(said[3]), Double.parseDouble(said[4]), Long.parseLong(said[5]), budgets);
        return new Reply(
                spent.isEmpty() ? List.of() : List.of(spent.split(" ")),
                (long) (Double.parseDouble(said[1]) * 1000),
                said[2],
                state);
    }

    private static String perMinute(@Nullable Bucket bucket) {
        return bucket == null ? "0" : Long.toString(bucket.perMinute());
    }

    private static String number(@Nullable Long limit) {
        return limit == null ? "0" : limit.toString();
    }
}
