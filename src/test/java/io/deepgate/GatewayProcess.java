package io.deepgate;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The gateway as a process of its own, with nothing of ours in its environment, as operators run it. */
public final class GatewayProcess implements AutoCloseable {

    private static final Pattern STARTED = Pattern.compile("Netty started on port (\\d+)");

    /** What comes after the last of them in a long log is not read for them. */
    private static final int PORTS = 2;

    private static final String LATENESS = "gateway.admission.capacity.lateness=";

    private final Process process;
    private final Queue<String> lines = new ConcurrentLinkedQueue<>();
    private final Thread reader;

    private GatewayProcess(Process process) {
        this.process = process;
        reader = Thread.ofVirtual().start(this::read);
    }

    /** Starts it in {@code folder}. */
    public static GatewayProcess start(Path folder, String... args) throws IOException {
        return start(folder, List.of("-XX:TieredStopAtLevel=1"), args);
    }

    /** Starts it in {@code folder} on a JVM with {@code options}. */
    public static GatewayProcess start(Path folder, List<String> options, String... args) throws IOException {
        String classes = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(
                List.of("--enable-native-access=ALL-UNNAMED", "-cp", classes, DeepgateApplication.class.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment()
                .keySet()
                .removeIf(
                        name -> name.startsWith("DEEPSEEK") || name.startsWith("SPRING") || name.startsWith("GATEWAY"));
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        return new GatewayProcess(builder.start());
    }

    /** Starts it on free ports with the tenants of {@link Gateway}, and waits until it is ready. */
    public static GatewayProcess inFrontOf(URI upstream, Path folder, List<String> options, String... properties)
            throws IOException {
        return with(Gateway.TENANTS, upstream, folder, options, properties);
    }

    /** The same, with the given tenants file. */
    public static GatewayProcess with(
            String tenantsFile, URI upstream, Path folder, List<String> options, String... properties)
            throws IOException {
        Path tenants = Files.writeString(folder.resolve("tenants.yaml"), tenantsFile);
        List<String> args = new ArrayList<>(List.of(
                "--server.port=0",
                "--server.address=127.0.0.1",
                "--management.server.port=0",
                "--management.server.address=127.0.0.1",
                "--gateway.access.tenants-file=" + tenants,
                "--gateway.catalog.slug-check=0s",
                "--gateway.catalog.upstreams.deepseek.base-url=" + upstream,
                "--gateway.catalog.upstreams.deepseek.api-key=" + Gateway.UPSTREAM_KEY));
        if (Stream.of(properties).noneMatch(property -> property.startsWith(LATENESS))) {
            // A machine that tests is late all the time.
            args.add("--" + LATENESS + "0s");
        }
        Stream.of(properties).map(property -> "--" + property).forEach(args::add);
        GatewayProcess started = start(folder, options, args.toArray(String[]::new));
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> started.says("Started DeepgateApplication"));
        return started;
    }

    private void read() {
        try (BufferedReader output = process.inputReader()) {
            output.lines().forEach(line -> {
                Overheard.hear("a process", line);
                lines.add(line);
            });
        } catch (UncheckedIOException | IOException e) {
            // It has ended.
        }
    }

    /** The tenants' port. */
    public int port() {
        return ports().getFirst();
    }

    public int managementPort() {
        return ports().getLast();
    }

    private List<Integer> ports() {
        return lines.stream()
                .map(STARTED::matcher)
                .filter(Matcher::find)
                .limit(PORTS)
                .map(match -> Integer.parseInt(match.group(1)))
                .toList();
    }

    public boolean says(String words) {
        return lines.stream().anyMatch(line -> line.contains(words));
    }

    /** All that it has written; once it has ended, all of it. */
    public String output() {
        return String.join("\n", lines);
    }

    /** The calls that it has logged. */
    public List<JsonNode> calls() {
        return lines.stream()
                .filter(line -> line.startsWith("{") && line.contains(".CallLog"))
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** Sends SIGTERM, and reads on. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** Waits for its end, and returns its exit code. */
    public int exitCode(Duration within) throws InterruptedException {
        if (!process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("still runs after " + within + ": " + output());
        }
        reader.join();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
