package io.deepgate.shadow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pairs of answers for review: each a file that says nothing without the key, and is deleted when it expires. Source: NIST
 * SP 800-38D, AES-GCM; a file's name is authenticated with it, so that no file can be made to last longer.
 */
public final class PairStore {

    private static final Logger log = LoggerFactory.getLogger(PairStore.class);
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final String ENDING = ".pair";
    private static final String UNFINISHED = ".tmp";

    private final Path directory;
    private final SecretKeySpec key;
    private final Duration keep;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /** @param key 32 bytes */
    public PairStore(Path directory, byte[] key, Duration keep, InstantSource clock) {
        this.directory = directory;
        this.key = new SecretKeySpec(key, "AES");
        this.keep = keep;
        this.clock = clock;
    }

    /** Keeps {@code pair}; where that fails it is lost, which the log says. Waits for the disk. */
    void keep(String pair) {
        String name = clock.instant().plus(keep).toEpochMilli() + "-" + UUID.randomUUID() + ENDING;
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, name).doFinal(pair.getBytes(StandardCharsets.UTF_8));
            Files.createDirectories(directory);
            Path unfinished = directory.resolve(name + UNFINISHED);
            byte[] all = new byte[NONCE + sealed.length];
            System.arraycopy(nonce, 0, all, 0, NONCE);
            System.arraycopy(sealed, 0, all, NONCE, sealed.length);
            Files.write(unfinished, all);
            Files.move(unfinished, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | GeneralSecurityException e) {
            log.warn("A pair of answers could not be kept in {}: {}", directory, e.getMessage());
        }
    }

    /** Deletes what has expired. */
    void forget() {
        for (Path file : files()) {
            try {
                if (isExpired(file)) {
                    Files.deleteIfExists(file);
                }
            } catch (IOException e) {
                log.warn("An expired pair of answers could not be deleted: {}", file);
            }
        }
    }

    /**
     * Hands each pair that has not expired to {@code reader}, a JSON object, the oldest first.
     *
     * @return how many could not be read, since they were sealed with another key or changed
     */
    public int read(Consumer<String> reader) {
        int unreadable = 0;
        for (Path file : files()) {
            String name = file.getFileName().toString();
            if (name.endsWith(UNFINISHED) || isExpired(file)) {
                continue;
            }
            try {
                byte[] all = Files.readAllBytes(file);
                if (all.length < NONCE) {
                    throw new GeneralSecurityException("too short");
                }
                byte[] nonce = Arrays.copyOf(all, NONCE);
                byte[] pair = cipher(Cipher.DECRYPT_MODE, nonce, name).doFinal(all, NONCE, all.length - NONCE);
                reader.accept(new String(pair, StandardCharsets.UTF_8));
            } catch (GeneralSecurityException e) {
                unreadable++;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return unreadable;
    }

    private List<Path> files() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("\\d{1,18}-[0-9a-f-]+\\.pair(\\.tmp)?"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isExpired(Path file) {
        String name = file.getFileName().toString();
        return Long.parseLong(name.substring(0, name.indexOf('-'))) <= clock.millis();
    }

    private Cipher cipher(int mode, byte[] nonce, String name) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
