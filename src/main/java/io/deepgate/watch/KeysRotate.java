package io.deepgate.watch;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.springframework.boot.convert.DurationStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes the successor of a key, which stays valid for a while. */
@Command(name = "rotate", description = "Makes a key's successor and shows it once; the old one ends a while later.")
final class KeysRotate implements Callable<Integer> {

    @Option(names = "--key", required = true, description = "The old key's id.")
    private String id = "";

    @Option(
            names = "--overlap",
            defaultValue = "7d",
            description = "How long the old key stays valid, such as 12h; default 7d.")
    private String overlap = "";

    @Mixin
    private final NewKey successor = new NewKey();

    @Mixin
    private final TenantsOption tenants = new TenantsOption();

    @Override
    public Integer call() {
        Instant end = successor.created.plus(overlap());
        Instant expires = successor.expires(tenants);
        return tenants.take((edit, file) -> {
            String tenant = edit.rotate(id, end, successor.key, successor.created, expires);
            successor.show(tenants);
            tenants.out()
                    .printf(
                            "It is in %s, for the tenant '%s', until %s. '%s' ends by %s.%n",
                            file, tenant, expires, id, end);
        });
    }

    private Duration overlap() {
        try {
            Duration duration = DurationStyle.detectAndParse(overlap);
            tenants.require(!duration.isNegative(), "--overlap: write 0s or more");
            return duration;
        } catch (IllegalArgumentException e) {
            tenants.require(false, "--overlap: write a duration such as 12h or 7d");
            throw e;
        }
    }
}
