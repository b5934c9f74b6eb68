package io.deepgate;

import java.util.List;
import java.util.stream.Stream;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/** Redis in a container. */
final class RedisContainer implements RedisServer.Running {

    private final GenericContainer<?> container;

    RedisContainer(int port, List<String> arguments) {
        container = new GenericContainer<>(DockerImageName.parse("redis:7-alpine"))
                .withCommand(Stream.concat(Stream.of("redis-server"), arguments.stream())
                        .toArray(String[]::new));
        // The same one each time that it starts: clients come back to it.
        container.setPortBindings(List.of(port + ":6379"));
        container.start();
    }

    @Override
    public void kill() {
        container.stop();
    }

    @Override
    public void freeze() {
        container
                .getDockerClient()
                .pauseContainerCmd(container.getContainerId())
                .exec();
    }

    @Override
    public void thaw() {
        container
                .getDockerClient()
                .unpauseContainerCmd(container.getContainerId())
                .exec();
    }
}
