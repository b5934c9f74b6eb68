package io.deepgate.usage;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;

/** A ledger's database, and what is in it. */
final class Ledgers implements AutoCloseable {

    static final String H2_OPTIONS = ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;WRITE_DELAY=0";

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final HikariDataSource database;
    private final JdbcTemplate jdbc;
    final Ledger ledger;

    Ledgers(String url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setConnectionTimeout(1000);
        config.setInitializationFailTimeout(-1);
        config.setMinimumIdle(0);
        config.setMaximumPoolSize(4);
        database = new HikariDataSource(config);
        jdbc = new JdbcTemplate(database);
        ledger = new Ledger(database, PATIENCE);
        ledger.jdbc();
    }

    static String newH2() {
        return "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1" + H2_OPTIONS;
    }

    List<String> requestIds() {
        return jdbc.queryForList("SELECT request_id FROM call ORDER BY request_id", String.class);
    }

    long calls() {
        return number("SELECT COUNT(*) FROM call");
    }

    long number(String sql) {
        Long number = jdbc.queryForObject(sql, Long.class);
        return number == null ? 0 : number;
    }

    List<String> rows(String sql) {
        return jdbc.query(sql, (row, number) -> {
            List<Object> columns = new ArrayList<>();
            for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                columns.add(row.getObject(i));
            }
            return columns.toString();
        });
    }

    /** What the sums say that do not agree with the calls; nothing if all do. */
    List<String> disagreements() {
        return jdbc.queryForList("""
                SELECT CONCAT(tenant, ' ', starting, ' ', key_id, ' ', model) FROM (
                    SELECT tenant, starting, key_id, model, calls, input_cached, input_uncached, output, reasoning,
                        cost_nanos, unpriced_calls, estimated_calls, estimated_tokens, estimated_cost_nanos
                    FROM usage_hour
                    UNION ALL
                    SELECT tenant, DATE_TRUNC('hour', started AT TIME ZONE 'UTC'), key_id, COALESCE(slug, 'none'),
                        -COUNT(*), -SUM(input_cached), -SUM(input_uncached), -SUM(output), -SUM(reasoning),
                        -COALESCE(SUM(cost_nanos), 0), -COUNT(*) + COUNT(cost_nanos),
                        -COUNT(CASE WHEN estimated THEN 1 END),
                        -SUM(CASE WHEN estimated THEN input_cached + input_uncached + output ELSE 0 END),
                        -SUM(CASE WHEN estimated THEN COALESCE(cost_nanos, 0) ELSE 0 END)
                    FROM call GROUP BY 1, 2, 3, 4) both_of_them
                GROUP BY tenant, starting, key_id, model
                HAVING SUM(calls) <> 0 OR SUM(input_cached) <> 0 OR SUM(input_uncached) <> 0 OR SUM(output) <> 0
                    OR SUM(reasoning) <> 0 OR SUM(cost_nanos) <> 0 OR SUM(unpriced_calls) <> 0
                    OR SUM(estimated_calls) <> 0 OR SUM(estimated_tokens) <> 0 OR SUM(estimated_cost_nanos) <> 0""", String.class);
    }

    @Override
    public void close() {
        database.close();
    }
}
