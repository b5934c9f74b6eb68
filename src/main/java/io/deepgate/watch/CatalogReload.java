package io.deepgate.watch;

import io.deepgate.catalog.CatalogProperties;
import io.deepgate.catalog.LiveCatalog;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.core.env.ConfigurableEnvironment;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

/**
 * Takes the catalog over again when the files that hold it change. Their contents are compared, which are small: no change
 * escapes, be it a symbolic link that Kubernetes swaps, a file that was not there before or one of the same size and time.
 * What is wrong changes nothing.
 */
final class CatalogReload implements DisposableBean {

    private static final Logger log = LoggerFactory.getLogger(CatalogReload.class);

    private final ConfigurableEnvironment environment;
    private final LiveCatalog catalog;
    private final Runnable changed;
    private final Counter adopted;
    private final Counter kept;
    private final Disposable watcher;
    private volatile @Nullable String refusal;

    /** What was adopted or refused last; null where that is not known, as since the start, so that it is read again. */
    private @Nullable Map<Path, String> seen;

    /** @param changed is run when another catalog has been adopted */
    CatalogReload(
            ConfigurableEnvironment environment,
            LiveCatalog catalog,
            CatalogProperties properties,
            Runnable changed,
            MeterRegistry registry) {
        this.environment = environment;
        this.catalog = catalog;
        this.changed = changed;
        this.adopted = reloads(registry, "adopted");
        this.kept = reloads(registry, "kept");
        long every = properties.reload().toMillis();
        watcher =
                Schedulers.boundedElastic().schedulePeriodically(this::readAgain, every, every, TimeUnit.MILLISECONDS);
    }

    private static Counter reloads(MeterRegistry registry, String result) {
        return Counter.builder("gateway.catalog.reload")
                .description("New catalogs in the configuration: adopted, or refused and the catalog kept as it was")
                .tag("result", result)
                .register(registry);
    }

    /** Why the catalog as the files have it now was not adopted; null if it was. */
    @Nullable
    String refusal() {
        return refusal;
    }

    /**
     * Adopts what the files hold now, if it has changed and is right.
     *
     * @return whether anything was new to look at
     */
    synchronized boolean readAgain() {
        // What was refused may have been mended elsewhere, such as in a file of keys.
        Map<Path, String> contents = ConfigFiles.contents(environment);
        if (contents.equals(seen) && refusal == null) {
            return false;
        }
        adopt();
        // What changed meanwhile may have been adopted, and be as before when it is looked at next.
        seen = contents.equals(ConfigFiles.contents(environment)) ? contents : null;
        return true;
    }

    private void adopt() {
        ConfigurableEnvironment now = null;
        try {
            now = Settings.readAgain(environment);
            if (catalog.adopt(Settings.bind(now, "gateway.catalog", CatalogProperties.class))) {
                adopted.increment();
                log.info(
                        "Read the catalog again: {} aliases",
                        catalog.current().routes().size());
                changed.run();
            }
            refusal = null;
        } catch (RuntimeException e) {
            kept(Mistake.of(e, now == null ? environment : now));
        }
    }

    /** What is wrong is found anew at each look, and said once. */
    private void kept(String reason) {
        if (!reason.equals(refusal)) {
            refusal = reason;
            kept.increment();
            log.error("Kept the catalog as it was: {}", reason);
        }
    }

    @Override
    public void destroy() {
        watcher.dispose();
    }
}
