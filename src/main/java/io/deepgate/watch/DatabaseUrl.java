package io.deepgate.watch;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.springframework.core.env.Environment;

/** The ledger's URL, which says what is wrong with it when it is used first, and never by its own name. */
final class DatabaseUrl {

    private static final String PROPERTY = "spring.datasource.url";
    private static final String DRIVER = "spring.datasource.driver-class-name";
    private static final String H2 = "jdbc:h2:";

    /** Of its settings: those that are no words of H2's, and modes that it has not. */
    private static final Set<Integer> WRONG_SETTINGS = Set.of(90113, 90088);

    /** As the jar brings them; to look at them would cost each start 170 ms. */
    private static final String RIGHT_SETTINGS =
            ";MODE=PostgreSQL;DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH;WRITE_DELAY=0";

    private DatabaseUrl() {}

    /** A sentence, or none; the URL is not in it, since a password may be. */
    static List<String> mistakes(Environment environment) {
        String url = environment.getProperty(PROPERTY, "");
        if (url.isBlank()) {
            return List.of(PROPERTY + " is empty: write one such as jdbc:postgresql://db/deepgate, or leave it out");
        }
        try {
            String driver = DriverManager.getDriver(url).getClass().getName();
            if (!environment.getProperty(DRIVER, driver).equals(driver)) {
                return List.of(DRIVER + " is not the one of the URL: leave it out");
            }
        } catch (SQLException e) {
            return List.of(
                    PROPERTY + " is no URL of H2 or PostgreSQL: write one such as jdbc:postgresql://db/deepgate");
        }
        return url.startsWith(H2) ? ofH2(url) : List.of();
    }

    private static List<String> ofH2(String url) {
        if (url.matches("jdbc:h2:(file:)?[^./~;][^:;]*(;.*)?")) {
            return List.of(PROPERTY + " names a file: write it from the root, or with ./ before it");
        }
        // In memory, and alone: the database that is meant is left as it is.
        String settings = url.replaceFirst("[^;]*", "").replaceAll("(?i);(AUTO_SERVER|INIT)=[^;]*", "");
        if (settings.equals(RIGHT_SETTINGS)) {
            return List.of();
        }
        try {
            DriverManager.getConnection(H2 + "mem:" + settings).close();
        } catch (SQLException e) {
            if (WRONG_SETTINGS.contains(e.getErrorCode())) {
                return List.of(PROPERTY + " has a setting that H2 does not know: "
                        + String.valueOf(e.getMessage()).replaceFirst("[;\\[].*", ""));
            }
        }
        return List.of();
    }
}
