package io.deepgate.watch;

import picocli.CommandLine.Command;

/** Makes, lists, rotates and revokes tenants' API keys in the tenants file; a running gateway follows within two seconds. */
@Command(
        name = "keys",
        description = "Makes, lists, rotates and revokes tenants' API keys in the tenants file.",
        mixinStandardHelpOptions = true,
        subcommands = {KeysCreate.class, KeysList.class, KeysRotate.class, KeysRevoke.class})
final class KeysCommand {

    /** What the gateway starts with. */
    final Class<?> application;

    KeysCommand(Class<?> application) {
        this.application = application;
    }
}
