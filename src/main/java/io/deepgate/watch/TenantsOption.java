package io.deepgate.watch;

import io.deepgate.access.InvalidTenantsException;
import io.deepgate.access.TenantsEdit;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.StandardEnvironment;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The tenants file that a command is about. */
final class TenantsOption {

    /** What is done with it. */
    interface Step {
        void in(TenantsEdit edit, Path file);
    }

    @Option(names = "--file", description = "The tenants file; by default the gateway's, gateway.access.tenants-file.")
    private @Nullable Path file;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec spec;

    /** Takes the step; the exit code is 1, and the reason is printed, where the file does not allow it. */
    int take(Step step) {
        Path file = file();
        try {
            step.in(new TenantsEdit(file), file);
            return 0;
        } catch (InvalidTenantsException e) {
            out().println("error: " + e.getMessage());
            return 1;
        } finally {
            out().flush();
        }
    }

    private Path file() {
        return file != null
                ? file
                : Path.of(Settings.readAgain(new StandardEnvironment())
                        .getProperty("gateway.access.tenants-file", "config/tenants.yaml"));
    }

    /** @throws ParameterException with {@code message}, unless {@code right} */
    void require(boolean right, String message) {
        if (!right) {
            throw new ParameterException(command().commandLine(), message);
        }
    }

    PrintWriter out() {
        return command().commandLine().getOut();
    }

    PrintWriter err() {
        return command().commandLine().getErr();
    }

    private CommandSpec command() {
        return Objects.requireNonNull(spec);
    }
}
