package io.deepgate.access;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.scheduler.Schedulers;

/**
 * The tenants as the tenants file has them, read again when its content changes. A new content that is wrong changes
 * nothing: the tenants stay as they were, and the log says why.
 */
public final class TenantsFile implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(TenantsFile.class);

    private static final String NO_TENANTS = "tenants: []";

    private final Path file;
    private final @Nullable LocalTenant local;
    private final Disposable watcher;
    private volatile String text;
    private volatile Tenants current;
    private volatile List<String> warnings = List.of();
    private volatile @Nullable String refusal;
    private final Counter adopted;
    private final Counter kept;

    /**
     * @param every how often the content is compared
     * @param local a tenant beside those of the file, with which the file may also be missing
     * @throws InvalidTenantsException if the file is missing or wrong now
     */
    public TenantsFile(Path file, Duration every, @Nullable LocalTenant local, MeterRegistry registry) {
        this.file = file;
        this.adopted = reloads(registry, "adopted");
        this.kept = reloads(registry, "kept");
        this.local = local;
        this.text = content();
        this.current = parse(text);
        this.watcher = Schedulers.boundedElastic()
                .schedulePeriodically(this::readAgain, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The tenants of the last content that was right. */
    public Tenants current() {
        return current;
    }

    /** What that content allows but hardly means, a sentence each behind the file and the line that it is about. */
    public List<String> warnings() {
        return warnings;
    }

    /** Where that content names the tenant, as {@code file:line: }; nothing for one that is not in it. */
    public String placeOf(Tenant tenant) {
        return TenantsWarnings.place(file.toString(), new TenantsText(text).lineOfTenant(tenant.id()));
    }

    /** Why the file as it is now was not taken over; null if it was. */
    public @Nullable String refusal() {
        return refusal;
    }

    private static Counter reloads(MeterRegistry registry, String result) {
        return Counter.builder("gateway.access.reload")
                .description("New contents of the tenants file: adopted, or refused and the tenants kept as they were")
                .tag("result", result)
                .register(registry);
    }

    /** Takes over what the file holds now, if it has changed and is right. */
    void readAgain() {
        try {
            String now = content();
            if (!now.equals(text)) {
                current = parse(now);
                text = now;
                adopted.increment();
                log.info("Read {} again: {} tenants", file, current.all().size());
            }
            refusal = null;
        } catch (InvalidTenantsException e) {
            kept(e);
        }
    }

    private void kept(InvalidTenantsException e) {
        // What is wrong is found anew at each look, and said once.
        if (!Objects.equals(refusal, e.getMessage())) {
            refusal = e.getMessage();
            kept.increment();
            log.error("Kept the tenants as they were: {}", e.getMessage());
        }
    }

    private Tenants parse(String yaml) {
        List<TenantEntry> entries = new ArrayList<>(TenantsReader.read(file.toString(), yaml));
        if (local != null) {
            entries.add(local.entry());
            TenantsReader.checkDistinct(file.toString(), yaml, entries, "is also gateway.access.local's");
        }
        warnings = TenantsWarnings.of(file.toString(), yaml, entries);
        warnings.forEach(warning -> log.warn("{}", warning));
        return new Tenants(entries);
    }

    private String content() {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            if (local != null) {
                return NO_TENANTS;
            }
            throw new InvalidTenantsException(file + ": there is no such file. Create it with"
                    + " 'java -jar deepgate.jar keys create --tenant <id>', or set gateway.access.tenants-file");
        } catch (CharacterCodingException e) {
            throw new InvalidTenantsException(file + ": is not UTF-8. Save it as UTF-8 text");
        } catch (IOException e) {
            throw new InvalidTenantsException(file + ": cannot be read. Let this process read it, or set"
                    + " gateway.access.tenants-file to another");
        }
    }

    @Override
    public void close() {
        watcher.dispose();
    }
}
