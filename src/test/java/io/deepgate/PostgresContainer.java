package io.deepgate;

import java.util.List;
import org.awaitility.Awaitility;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** PostgreSQL in a container. */
final class PostgresContainer implements PostgresServer.Place {

    private final PostgreSQLContainer container = new PostgreSQLContainer("postgres:18-alpine")
            .withUsername("postgres")
            .withEnv("POSTGRES_HOST_AUTH_METHOD", "trust");

    PostgresContainer(int port) {
        // The same one each time that it starts: clients come back to it.
        container.setPortBindings(List.of(port + ":5432"));
    }

    @Override
    public void start() {
        if (container.getContainerId() == null) {
            container.start();
            return;
        }
        container
                .getDockerClient()
                .startContainerCmd(container.getContainerId())
                .exec();
        Awaitility.await()
                .ignoreExceptions()
                .until(() -> container.execInContainer("pg_isready").getExitCode() == 0);
    }

    @Override
    public void kill() {
        container.getDockerClient().killContainerCmd(container.getContainerId()).exec();
    }

    @Override
    public void close() {
        container.stop();
    }
}
