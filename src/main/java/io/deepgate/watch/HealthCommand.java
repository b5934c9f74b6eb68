package io.deepgate.watch;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Asks a running gateway whether it lives, for the health checks of containers, whose image has no shell. */
@Command(
        name = "health",
        description = "Asks a running gateway whether it lives; exits 0 if it does, else 1.",
        mixinStandardHelpOptions = true)
final class HealthCommand implements Callable<Integer> {

    private static final int PATIENCE = (int) Duration.ofSeconds(3).toMillis();

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--url",
            defaultValue = "http://127.0.0.1:${env:MANAGEMENT_SERVER_PORT:-8081}/actuator/health/liveness",
            description = "What to ask; default ${DEFAULT-VALUE}.")
    private URI url = URI.create("");

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        try {
            // Starts sooner than HttpClient, and is waited for every few seconds.
            HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
            connection.setConnectTimeout(PATIENCE);
            connection.setReadTimeout(PATIENCE);
            int status = connection.getResponseCode();
            out.println(url + (status == HttpURLConnection.HTTP_OK ? " is healthy." : " answers " + status + "."));
            return status == HttpURLConnection.HTTP_OK ? 0 : 1;
        } catch (IOException e) {
            out.println(url + " does not answer: " + e.getMessage() + ".");
            return 1;
        }
    }
}
