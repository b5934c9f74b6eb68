package io.deepgate.watch;

import io.deepgate.catalog.CatalogProperties;
import io.deepgate.shadow.ShadowProperties;
import io.deepgate.watch.replay.ReplayCommand;
import java.util.Set;
import org.springframework.core.env.StandardEnvironment;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The operator's commands: {@code java -jar deepgate.jar <command>}. */
@Command(
        name = "java -jar deepgate.jar",
        description = "Without a command: starts the gateway.",
        mixinStandardHelpOptions = true,
        subcommands = {HealthCommand.class, CallCommand.class})
public final class Commands {

    private static final Set<String> NAMES =
            Set.of("keys", "config", "usage", "health", "call", "replay", "pairs", "--help", "-h");

    private Commands() {}

    /** Whether {@code args} name a command; anything else is for Spring Boot. */
    public static boolean isCommand(String[] args) {
        return args.length > 0 && NAMES.contains(args[0]);
    }

    /**
     * Runs the command.
     *
     * @param application the class that the gateway starts with
     * @return the exit code: 0, or 1 for what it found wrong, or 2 for wrong arguments
     */
    public static int run(Class<?> application, String[] args) {
        return new CommandLine(new Commands())
                .addSubcommand(new KeysCommand(application))
                .addSubcommand(new ConfigCommand(application))
                .addSubcommand(new UsageCommand(application))
                .addSubcommand(new ReplayCommand(() -> Settings.bind(
                        Settings.readAgain(new StandardEnvironment()), "gateway.catalog", CatalogProperties.class)))
                .addSubcommand(new PairsCommand(() -> Settings.bind(
                        Settings.readAgain(new StandardEnvironment()), "gateway.shadow", ShadowProperties.class)))
                .execute(args);
    }
}
