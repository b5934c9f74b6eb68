package io.deepgate.access;

import io.deepgate.access.TenantEntry.KeyEntry;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Changes a tenants file: what is not changed stays as it was written, and a gateway that reads it sees the old or the new
 * file, never half of one. Two edits never lose one another's change.
 */
public final class TenantsEdit {

    private final Path file;

    public TenantsEdit(Path file) {
        this.file = file;
    }

    /**
     * Adds {@code key}, and its tenant if it is not there. A file that is not there is made.
     *
     * @throws InvalidTenantsException if the file is wrong, or cannot be written
     */
    public void add(String tenant, ApiKey key, Instant created, Instant expires) {
        change(text -> text.withKey(tenant, new KeyEntry(key.id(), key.sha256Hex(), created, expires)));
    }

    /**
     * Adds {@code successor} to the tenant of the key {@code id}, which ends at {@code end}, or when it would have anyway.
     *
     * @return the tenant's id
     * @throws InvalidTenantsException if there is no such key, the file is wrong, or cannot be written
     */
    public String rotate(String id, Instant end, ApiKey successor, Instant created, Instant expires) {
        AccessKey old = find(id);
        Instant until = old.expires() != null && old.expires().isBefore(end) ? old.expires() : end;
        change(text -> text.withExpiry(id, until)
                .withKey(old.tenant(), new KeyEntry(successor.id(), successor.sha256Hex(), created, expires)));
        return old.tenant();
    }

    /**
     * Takes the key {@code id} out.
     *
     * @return the tenant's id
     * @throws InvalidTenantsException if there is no such key, the file is wrong, or cannot be written
     */
    public String revoke(String id) {
        String tenant = find(id).tenant();
        change(text -> text.withoutKey(id));
        return tenant;
    }

    /** The keys of the file, in its order. */
    public List<AccessKey> keys() {
        return new Tenants(TenantsReader.read(file.toString(), read())).keys();
    }

    private AccessKey find(String id) {
        return keys().stream()
                .filter(key -> key.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new InvalidTenantsException(
                        file + ": there is no key '" + id + "'; 'keys list' shows those there are"));
    }

    private String read() {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new InvalidTenantsException(file + ": cannot be read");
        }
    }

    /** The new file stands beside the old one before it takes its place; while it does, nobody else makes one. */
    private void change(UnaryOperator<TenantsText> change) {
        Path draft = null;
        try {
            Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            draft = Files.createFile(target.resolveSibling("." + target.getFileName() + ".new"));
            String before = read();
            TenantsReader.read(file.toString(), before);
            String after = change.apply(new TenantsText(before)).yaml();
            TenantsReader.read(file.toString(), after);
            Files.writeString(draft, after, StandardOpenOption.SYNC, StandardOpenOption.WRITE);
            keepPermissions(target, draft);
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            draft = null;
            throw new InvalidTenantsException(
                    file + ": another command is changing it. If none is, remove " + e.getFile());
        } catch (IOException e) {
            throw new InvalidTenantsException(
                    file + ": cannot be replaced (" + e.getClass().getSimpleName()
                            + "). Where it is mounted read-only, change its source: --print shows what to write");
        } finally {
            remove(draft);
        }
    }

    private static void keepPermissions(Path target, Path draft) throws IOException {
        if (Files.exists(target)) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(target);
            Files.setPosixFilePermissions(draft, permissions);
        }
    }

    private static void remove(@Nullable Path draft) {
        try {
            if (draft != null) {
                Files.deleteIfExists(draft);
            }
        } catch (IOException e) {
            // It says itself what it is, to the next who changes the file.
        }
    }
}
