package io.deepgate.usage;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Connections that fail when the database's answer takes too long: a network that swallows all would have the shipper wait
 * forever.
 */
final class ImpatientDataSource extends DelegatingDataSource {

    private final int millis;

    ImpatientDataSource(DataSource target, Duration patience) {
        super(target);
        millis = Math.toIntExact(patience.toMillis());
    }

    @Override
    public Connection getConnection() throws SQLException {
        Connection connection = super.getConnection();
        try {
            connection.setNetworkTimeout(Runnable::run, millis);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }
}
