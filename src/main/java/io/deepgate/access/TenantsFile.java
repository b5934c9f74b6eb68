package io.deepgate.access;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.Resource;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

/**
 * The tenants as the tenants file has them, read again when its content changes. A new content that is wrong changes
 * nothing: the tenants stay as they were, and the log says why.
 */
public final class TenantsFile implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TenantsFile.class);

    private final Resource file;
    private final Disposable watcher;
    private volatile String text;
    private volatile Tenants current;

    /**
     * @param every how often the content is compared
     * @throws InvalidTenantsException if the file is missing or wrong now
     */
    public TenantsFile(Resource file, Duration every) {
        this.file = file;
        this.text = content();
        this.current = parse(text);
        this.watcher = Schedulers.boundedElastic()
                .schedulePeriodically(this::readAgain, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The tenants of the last content that was right. */
    public Tenants current() {
        return current;
    }

    private void readAgain() {
        try {
            String now = content();
            if (!now.equals(text)) {
                text = now;
                current = parse(now);
                log.info("Read {} again: {} tenants", name(), current.all().size());
            }
        } catch (InvalidTenantsException e) {
            log.error("Kept the tenants as they were: {}", e.getMessage());
        }
    }

    private Tenants parse(String yaml) {
        return new Tenants(TenantsReader.read(name(), yaml));
    }

    private String content() {
        try {
            return file.getContentAsString(StandardCharsets.UTF_8);
        } catch (IOException | UncheckedIOException e) {
            throw new InvalidTenantsException(name() + ": cannot be read. Create it with"
                    + " 'java -jar deepgate.jar keys create --tenant <id>', or set gateway.access.tenants-file");
        }
    }

    private String name() {
        String filename = file.getDescription();
        return filename.startsWith("file [") ? filename.substring(6, filename.length() - 1) : filename;
    }

    @Override
    public void close() {
        watcher.dispose();
    }
}
