package io.deepgate.usage;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** Reads the ledger's sums: a few queries at a time, so that whoever asks much takes nothing from the calls. */
public final class UsageReport implements AutoCloseable {

    private static final int AT_ONCE = 2;
    private static final int WAITING = 100;
    private static final int SECONDS = 10;
    private static final String LAST_USE =
            "SELECT key_id, MAX(starting) FROM usage_hour WHERE tenant = ? AND starting >= ? GROUP BY key_id";

    /**
     * What calls used that have something in common.
     *
     * @param common by what they are summed, in the order of the query
     */
    public record Row(List<String> common, UsageSums sums) {}

    /** @param more whether there are rows after these */
    public record Page(UsageQuery query, List<Row> rows, boolean more) {}

    private final Ledger ledger;
    private final Scheduler threads = Schedulers.newBoundedElastic(AT_ONCE, WAITING, "usage-report", 60, true);

    UsageReport(Ledger ledger) {
        this.ledger = ledger;
    }

    /**
     * Reads without blocking the caller. Fails with a {@link UsageUnavailableException} if too many wait, or the database
     * does not answer in time.
     */
    public Mono<Page> read(UsageQuery query) {
        return asked(() -> readNow(query));
    }

    /** Asks the ledger something else, among the same few and with the same patience for each query; fails alike. */
    <T> Mono<T> ask(Function<JdbcTemplate, T> question) {
        return asked(() -> question.apply(ledger.jdbc(SECONDS)));
    }

    private <T> Mono<T> asked(Callable<T> question) {
        return Mono.fromCallable(question).subscribeOn(threads).onErrorMap(UsageUnavailableException::new);
    }

    /** Reads, and waits for it. */
    public Page readNow(UsageQuery query) {
        JdbcTemplate jdbc = ledger.jdbc(SECONDS);
        List<Object> arguments = new ArrayList<>(List.of(local(query.from()), local(query.to())));
        StringBuilder where = new StringBuilder("starting >= ? AND starting < ?");
        equal(where, arguments, "tenant", query.tenant());
        equal(where, arguments, "model", query.model());
        String groups = query.by().stream().map(UsageGroup::column).collect(Collectors.joining(", "));
        arguments.add(query.limit() + 1);
        arguments.add(query.offset());
        List<Row> rows = jdbc.query(
                "SELECT " + groups + ", " + UsageSums.SUMS + " FROM usage_hour WHERE " + where + " GROUP BY " + groups
                        + " ORDER BY " + groups + " LIMIT ? OFFSET ?",
                (row, number) -> row(query, row),
                arguments.toArray());
        boolean more = rows.size() > query.limit();
        return new Page(query, more ? rows.subList(0, query.limit()) : rows, more);
    }

    /**
     * When each key of {@code tenants} was used last, by its id, as the hour that its calls are summed in; keys without a call
     * since {@code from} are left out. Fails as the other does.
     */
    public Mono<Map<String, Instant>> lastUse(Collection<String> tenants, Instant from) {
        return asked(() -> lastUseNow(tenants, from));
    }

    /** Reads the same, and waits for it. */
    public Map<String, Instant> lastUseNow(Collection<String> tenants, Instant from) {
        JdbcTemplate jdbc = ledger.jdbc(SECONDS);
        Map<String, Instant> uses = new HashMap<>();
        for (String tenant : tenants) {
            jdbc.query(
                    LAST_USE,
                    row -> {
                        uses.put(
                                row.getString(1),
                                row.getObject(2, LocalDateTime.class).toInstant(ZoneOffset.UTC));
                    },
                    tenant,
                    local(from));
        }
        return uses;
    }

    private static void equal(StringBuilder where, List<Object> arguments, String column, @Nullable String value) {
        if (value != null) {
            where.append(" AND ").append(column).append(" = ?");
            arguments.add(value);
        }
    }

    private static LocalDateTime local(Instant time) {
        return LocalDateTime.ofInstant(time, ZoneOffset.UTC);
    }

    private static Row row(UsageQuery query, ResultSet row) throws SQLException {
        List<String> common = new ArrayList<>();
        for (UsageGroup group : query.by()) {
            common.add(group.read(row, common.size() + 1));
        }
        return new Row(common, UsageSums.read(row));
    }

    @Override
    public void close() {
        threads.dispose();
    }
}
