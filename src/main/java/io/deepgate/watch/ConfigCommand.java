package io.deepgate.watch;

import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Looks at the configuration without starting the gateway. */
@Command(name = "config", description = "Looks at the configuration.", mixinStandardHelpOptions = true)
final class ConfigCommand {

    private final Class<?> application;

    @Spec
    private @Nullable CommandSpec spec;

    ConfigCommand(Class<?> application) {
        this.application = application;
    }

    /** Prints what is wrong with the configuration; the exit code is 1 if the gateway would not start with it. */
    @Command(name = "check", description = "Says what is wrong with the configuration; exits 0 if nothing is, else 1.")
    int check() {
        ConfigCheck.Result result = ConfigCheck.of(application);
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        print(out, "error", result.errors());
        print(out, "warning", result.warnings());
        out.println(result.errors().isEmpty() ? "OK: " + result.summary() : "The gateway would not start.");
        out.flush();
        return result.errors().isEmpty() ? 0 : 1;
    }

    private static void print(PrintWriter out, String kind, List<String> findings) {
        findings.forEach(finding -> out.println(kind + ": " + finding));
    }
}
