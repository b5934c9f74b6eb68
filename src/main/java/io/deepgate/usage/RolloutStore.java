package io.deepgate.usage;

import io.deepgate.catalog.Canary;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** How far all replicas together have let candidates, in the ledger: the furthest step, and none that one has stopped. */
final class RolloutStore {

    private record Row(int step, @Nullable String stopped) {}

    private static final String READ = "SELECT step, stopped FROM rollout WHERE name = ?";

    private static final String ADD = "INSERT INTO rollout (name) VALUES (?) ON CONFLICT DO NOTHING";

    private static final String REACH = """
            UPDATE rollout SET step = ?, changed = CURRENT_TIMESTAMP WHERE name = ? AND step < ?""";

    private static final String STOP = """
            UPDATE rollout SET stopped = ?, changed = CURRENT_TIMESTAMP WHERE name = ? AND stopped IS NULL""";

    private final Ledger ledger;

    RolloutStore(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Tells the others how far {@code canary} is, and takes over how far they are. Waits for the database. */
    void agree(Canary canary) {
        JdbcTemplate jdbc = ledger.jdbc();
        List<Row> rows =
                jdbc.query(READ, (row, number) -> new Row(row.getInt("step"), row.getString("stopped")), canary.name());
        if (rows.isEmpty()) {
            jdbc.update(ADD, canary.name());
        }
        Row row = rows.isEmpty() ? new Row(0, null) : rows.getFirst();
        if (canary.step() > row.step) {
            jdbc.update(REACH, canary.step(), canary.name(), canary.step());
        }
        canary.reach(row.step);
        String reason = canary.reason();
        if (reason != null && row.stopped == null) {
            jdbc.update(STOP, reason, canary.name());
        } else if (reason == null && row.stopped != null) {
            canary.stop(row.stopped);
        }
    }
}
