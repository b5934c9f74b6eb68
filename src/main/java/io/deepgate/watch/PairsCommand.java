package io.deepgate.watch;

import io.deepgate.shadow.PairStore;
import io.deepgate.shadow.ShadowProperties;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the pairs of answers that shadow calls of this machine's gateway left for review, a JSON object a line. */
@Command(
        name = "pairs",
        description = "Prints pairs of answers that were kept of shadow calls, with the configured key. Exits 1 if some"
                + " cannot be read.",
        mixinStandardHelpOptions = true)
final class PairsCommand implements Callable<Integer> {

    private final Supplier<ShadowProperties> properties;

    @Spec
    private @Nullable CommandSpec spec;

    PairsCommand(Supplier<ShadowProperties> properties) {
        this.properties = properties;
    }

    @Override
    public Integer call() {
        var command = Objects.requireNonNull(spec).commandLine();
        PrintWriter out = command.getOut();
        PairStore pairs = properties.get().pairs().store(InstantSource.system());
        if (pairs == null) {
            command.getErr().println("gateway.shadow.pairs.key is not set, so that no pairs are kept");
            return 1;
        }
        int unreadable = pairs.read(out::println);
        out.flush();
        if (unreadable > 0) {
            command.getErr().println(unreadable + " pairs were sealed with another key, or changed");
        }
        return unreadable > 0 ? 1 : 0;
    }
}
