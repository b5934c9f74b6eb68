package io.deepgate;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import redis.embedded.core.ExecutableProvider;

/**
 * Redis as a process: the binary that the environment variable {@code REDIS_SERVER} names, else the one on the path if it is
 * 7 or newer, else 6.2, which comes with the tests.
 */
final class RedisProcess implements RedisServer.Running {

    private static final Pattern RECENT = Pattern.compile(" v=([7-9]|\\d\\d+)\\.");
    private static final Path EXECUTABLE = executable();

    private final Process process;

    RedisProcess(int port, List<String> arguments) {
        List<String> command = new ArrayList<>(
                List.of(EXECUTABLE.toString(), "--bind", "127.0.0.1", "--port", Integer.toString(port)));
        command.addAll(arguments);
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path executable() {
        String given = System.getenv("REDIS_SERVER");
        if (given != null) {
            return Path.of(given);
        }
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, "redis-server"))
                .filter(Files::isExecutable)
                .filter(RedisProcess::isRecent)
                .findFirst()
                .orElseGet(RedisProcess::bundled);
    }

    private static boolean isRecent(Path executable) {
        try {
            Process version = new ProcessBuilder(executable.toString(), "--version").start();
            return RECENT.matcher(new String(version.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .find();
        } catch (IOException e) {
            return false;
        }
    }

    private static Path bundled() {
        try {
            Path unpacked = ExecutableProvider.newJarResourceProvider().get().toPath();
            unpacked.getParent().toFile().deleteOnExit();
            unpacked.toFile().deleteOnExit();
            return unpacked;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void freeze() {
        signal("STOP");
    }

    @Override
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
