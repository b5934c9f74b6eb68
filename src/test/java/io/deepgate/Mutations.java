package io.deepgate;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The seeds that {@code .ci/fuzz} starts from too, and what becomes of them when bytes are changed, cut out or moved. */
public final class Mutations {

    private static final int OF_EACH = 1500;
    private static final int LONGEST_PIECE = 40;

    private final List<byte[]> seeds;
    private final long number = Long.getLong("seed", System.nanoTime());
    private final Random random = new Random(number);

    private Mutations(List<byte[]> seeds) {
        this.seeds = seeds;
    }

    /** Those of {@code src/test/resources/fuzz/name}. */
    public static Mutations of(String name) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/fuzz", name))) {
            return new Mutations(
                    files.sorted().map(Mutations::bytes).map(byte[].class::cast).toList());
        }
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            return fail(file.toString(), e);
        }
    }

    public void forEach(Consumer<byte[]> target) {
        for (byte[] seed : seeds) {
            target.accept(seed);
            for (int i = 0; i < OF_EACH; i++) {
                byte[] mutation = seed;
                for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                    mutation = changed(mutation);
                }
                test(target, mutation);
            }
        }
    }

    private void test(Consumer<byte[]> target, byte[] mutation) {
        try {
            target.accept(mutation);
        } catch (RuntimeException | AssertionError e) {
            fail("seed %d: %s".formatted(number, HexFormat.of().formatHex(mutation)), e);
        }
    }

    private byte[] changed(byte[] bytes) {
        byte[] other = seeds.get(random.nextInt(seeds.size()));
        return switch (random.nextInt(4)) {
            case 0 -> joined(bytes, random.nextInt(bytes.length + 1), new byte[] {(byte) random.nextInt(256)}, 1);
            case 1 -> joined(bytes, random.nextInt(bytes.length + 1), new byte[0], random.nextInt(LONGEST_PIECE));
            case 2 -> joined(bytes, random.nextInt(bytes.length + 1), piece(bytes), 0);
            default -> joined(bytes, random.nextInt(bytes.length + 1), piece(other), random.nextInt(LONGEST_PIECE));
        };
    }

    private byte[] piece(byte[] of) {
        int from = random.nextInt(of.length + 1);
        return Arrays.copyOfRange(of, from, Math.min(of.length, from + random.nextInt(LONGEST_PIECE)));
    }

    /** {@code bytes}, of which {@code less} from {@code at} on are replaced by {@code more}. */
    private static byte[] joined(byte[] bytes, int at, byte[] more, int less) {
        int behind = Math.min(bytes.length, at + less);
        byte[] joined = Arrays.copyOf(bytes, at + more.length + bytes.length - behind);
        System.arraycopy(more, 0, joined, at, more.length);
        System.arraycopy(bytes, behind, joined, at + more.length, bytes.length - behind);
        return joined;
    }
}
