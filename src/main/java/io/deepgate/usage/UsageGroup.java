package io.deepgate.usage;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Locale;

/** What usage can be summed by; hours and days are UTC's. */
public enum UsageGroup {
    HOUR("starting"),
    DAY("CAST(starting AS DATE)"),
    TENANT("tenant"),
    MODEL("model"),
    KEY("key_id");

    private final String column;

    UsageGroup(String column) {
        this.column = column;
    }

    /** As queries and columns name it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    String column() {
        return column;
    }

    String read(ResultSet row, int column) throws SQLException {
        return switch (this) {
            case HOUR ->
                row.getObject(column, LocalDateTime.class)
                        .toInstant(ZoneOffset.UTC)
                        .toString();
            case DAY -> row.getObject(column, LocalDate.class).toString();
            case TENANT, MODEL, KEY -> row.getString(column);
        };
    }
}
