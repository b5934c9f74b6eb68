package io.deepgate.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.deepgate.AtRest;
import io.deepgate.LogLines;
import io.deepgate.PostgresServer;
import io.deepgate.usage.UsageProperties.JournalFull;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;
import org.springframework.util.unit.DataSize;

/** From the journal to a real PostgreSQL, whatever comes between. */
@ExtendWith(PostgresServer.class)
class ShipperTests {

    /** More of them: {@code -Dgateway.test.rounds=50}. */
    private static final int ROUNDS = Integer.getInteger("gateway.test.rounds", 1);

    private static final int SEGMENT = 20_000;
    private static final DataSize LIMIT = DataSize.ofMegabytes(1);
    private static final Duration MOST = Duration.ofSeconds(30);

    @TempDir
    private Path directory;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<CallRecord> recorded = new ArrayList<>();
    private Ledgers ledgers;

    @BeforeEach
    void connects() {
        ledgers = new Ledgers(PostgresServer.newDatabase());
    }

    @AfterEach
    void closes() {
        ledgers.close();
    }

    @Test
    void shipsWhatIsRecorded() throws Exception {
        try (Replica replica = new Replica()) {
            replica.record(3000);
            replica.shipped();
        }

        isInTheLedger();
        assertThat(journalFiles()).as("shipped files").isEmpty();
    }

    @Test
    void shipsWhileTheThreadsOfManyCallsRecord() throws Exception {
        try (Replica replica = new Replica()) {
            List<CallRecord> calls = Records.many(8000);
            recorded.addAll(calls);
            List<CompletableFuture<Void>> threads = IntStream.range(0, 8)
                    .mapToObj(i -> CompletableFuture.runAsync(
                            () -> calls.subList(i * 1000, (i + 1) * 1000).forEach(replica.journal::add)))
                    .toList();
            threads.forEach(CompletableFuture::join);
            replica.shipped();
        }

        isInTheLedger();
    }

    @Test
    void waitsForADatabaseThatIsDownForTheWholeRun() throws Exception {
        PostgresServer.kill();
        try (Replica replica = new Replica()) {
            replica.record(2000);
            assertThat(pending()).isEqualTo(2000);
        }
        PostgresServer.start();
        try (Replica replica = new Replica()) {
            replica.shipped();
        }

        isInTheLedger();
    }

    @Test
    void losesNothingWhenTheDatabaseIsKilledInABatch() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (Replica replica = new Replica()) {
            for (int round = 0; round < ROUNDS; round++) {
                CompletableFuture<Void> kill = CompletableFuture.runAsync(
                        PostgresServer::kill,
                        CompletableFuture.delayedExecutor(random.nextInt(400), TimeUnit.MILLISECONDS));
                while (!kill.isDone()) {
                    replica.record(50);
                    LockSupport.parkNanos(1_000_000);
                }
                replica.record(500);
                PostgresServer.start();
            }
            replica.shipped();
        }

        assertThat(ledgers.calls()).as("seed %s", seed).isEqualTo(recorded.size());
        isInTheLedger();
    }

    @Test
    void skipsATornLastLineAndCountsIt() throws Exception {
        try (Replica replica = new Replica(false)) {
            replica.record(10);
        }
        Path last = journalFiles().getLast();
        byte[] torn = JournalLine.of(Records.one(11));
        Files.write(last, Arrays.copyOf(torn, torn.length / 2), StandardOpenOption.APPEND);
        try (Replica replica = new Replica()) {
            replica.record(10);
            replica.shipped();
        }

        isInTheLedger();
        assertThat(registry.get("gateway.usage.journal.damaged").counter().count())
                .isOne();
    }

    @Test
    void skipsDamagedLinesAmongWholeOnes() throws Exception {
        try (Replica replica = new Replica(false)) {
            replica.record(10);
        }
        Path file = journalFiles().getFirst();
        List<String> lines = new ArrayList<>(Files.readAllLines(file));
        lines.add(3, "\u0000\u0000garbage");
        lines.add(7, lines.get(6).replace("tenant-", "tenant_"));
        lines.add("");
        Files.write(file, lines, StandardCharsets.ISO_8859_1);
        try (Replica replica = new Replica()) {
            replica.shipped();
        }

        isInTheLedger();
        assertThat(registry.get("gateway.usage.journal.damaged").counter().count())
                .isEqualTo(2);
    }

    @Test
    void countsOnceWhatAReplicaShipsAgain() throws Exception {
        try (Replica replica = new Replica()) {
            replica.record(700);
            replica.shipped();
            // What a crash after the ledger took a batch, and before the file went, leaves behind.
            Path copy = directory.resolve("journal/7");
            Files.createDirectories(copy);
            for (Path file : journalFiles()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        try (Replica replica = new Replica()) {
            replica.shipped();
        }

        isInTheLedger();
        assertThat(journalFiles()).isEmpty();
    }

    @Test
    void sumsComeSoonAfterTheirCallsAlsoWhereThereAreMany() throws Exception {
        try (Replica replica = new Replica()) {
            replica.record(300);
            replica.shipped();
            assertThat(ledgers.disagreements()).isNotEmpty();

            AtRest.within(MOST, () -> ledgers.disagreements().isEmpty());
        }
    }

    @Test
    void letsTwoReplicasShareADirectory() throws Exception {
        try (Replica one = new Replica();
                Replica other = new Replica()) {
            for (int i = 0; i < 20; i++) {
                one.record(100);
                other.record(100);
            }
            one.shipped();
            other.shipped();
        }

        isInTheLedger();
    }

    @Test
    void takesOverWhatAReplicaLeftBehind() throws Exception {
        try (Replica one = new Replica(false);
                Replica other = new Replica(false)) {
            one.record(600);
            other.record(600);
        }
        try (Replica alone = new Replica()) {
            alone.shipped();
        }

        isInTheLedger();
        assertThat(journalFiles()).isEmpty();
    }

    @Test
    void doesNotCareWhatTheClockSays() throws Exception {
        Instant[] steps = {
            Instant.parse("2026-11-24T12:00:00Z"),
            Instant.parse("2026-11-24T09:59:59Z"),
            Instant.parse("2031-01-01T00:00:00Z"),
            Instant.EPOCH
        };
        try (Replica replica = new Replica()) {
            for (Instant start : steps) {
                replica.record(Records.startedAt(start));
                replica.record(Records.startedAt(start));
            }
            replica.shipped();
        }

        isInTheLedger();
        assertThat(ledgers.number("SELECT COUNT(*) FROM usage_hour")).isEqualTo(steps.length);
    }

    @Test
    void shipsTheOthersWhenTheLedgerRefusesARecord() throws Exception {
        try (Replica replica = new Replica()) {
            replica.record(10);
            replica.journal.add(Records.withId("an id that is longer than the ledger has room for"));
            replica.record(10);
            replica.shipped();
        }

        isInTheLedger();
        assertThat(registry.get("gateway.usage.journal.damaged").counter().count())
                .isOne();
    }

    @Test
    void addsNothingTwiceWhenAJournalComesBackWhoseCallsWereDeleted(@TempDir Path volume) throws Exception {
        try (Replica replica = new Replica()) {
            replica.record(700);
            replica.shipped();
            PostgresServer.kill();
            replica.record(300);
            FileSystemUtils.copyRecursively(directory, volume);
        }
        FileSystemUtils.deleteRecursively(directory);
        PostgresServer.start();
        ledgers.ledger.deleteCalls(Instant.parse("2100-01-01T00:00:00Z"), 1000);
        FileSystemUtils.copyRecursively(volume, directory);
        try (Replica replica = new Replica()) {
            AtRest.within(MOST, () -> ledgers.calls() == 300);
        }

        assertThat(ledgers.requestIds())
                .containsExactlyElementsOf(recorded.subList(700, 1000).stream()
                        .map(CallRecord::requestId)
                        .sorted()
                        .toList());
        assertThat(ledgers.number("SELECT SUM(calls) FROM usage_hour")).isEqualTo(1000);
        assertThat(journalFiles()).isEmpty();
    }

    @Test
    void shipsFromMemoryWhatTheDiskDoesNotTake() throws Exception {
        try (Replica replica = new Replica()) {
            replica.fillDisk();
            replica.record(1200);
            replica.shipped();
            assertThatCode(replica.journal::requireRoom).doesNotThrowAnyException();
        }

        isInTheLedger();
        assertThat(unrecorded()).isZero();
    }

    @Test
    void keepsInMemoryWhatTheDiskDoesNotTakeWhileTheDatabaseIsDown() throws Exception {
        PostgresServer.kill();
        try (Replica replica = new Replica(DataSize.ofMegabytes(100), JournalFull.REFUSE, true)) {
            replica.fillDisk();
            assertThat(room(replica)).isTrue();
            replica.record(1000);
            assertThat(room(replica)).isFalse();
            assertThat(pending()).isEqualTo(recorded.size());

            replica.freeDisk();
            AtRest.within(MOST, () -> room(replica));
            replica.record(100);
        }
        assertThat(unrecorded()).isZero();
        PostgresServer.start();
        try (Replica replica = new Replica()) {
            replica.shipped();
        }

        isInTheLedger();
    }

    @Test
    void triesTheDatabaseOnceMoreForWhatIsOnlyInMemoryWhenItCloses() throws Exception {
        PostgresServer.kill();
        try (LogLines log = LogLines.of(Shipper.class);
                Replica replica = new Replica(false)) {
            replica.fillDisk();
            replica.record(1200);
            // So late that the disk is full already when it first tidies up.
            replica.ship();
            AtRest.within(MOST, () -> log.texts().toString().contains("takes no records"));
            PostgresServer.start();
        }

        isInTheLedger();
        assertThat(unrecorded()).isZero();
    }

    @Test
    void countsAndSaysWhatIsLostWhenItCloses() throws Exception {
        PostgresServer.kill();
        try (LogLines log = LogLines.of(Journal.class)) {
            Replica replica = new Replica();
            replica.fillDisk();
            List<CallRecord> lost = Records.many(37);
            lost.forEach(replica.journal::add);
            replica.close();

            assertThat(unrecorded()).isEqualTo(37);
            assertThat(log.texts())
                    .containsOnlyOnce("ERROR 37 call records are lost: neither the disk nor the ledger took them");
            // A call that ends even later.
            replica.journal.add(Records.one(1));
            assertThat(unrecorded()).isEqualTo(38);
            replica.freeDisk();
        }
        PostgresServer.start();
        try (Replica replica = new Replica()) {
            replica.shipped();
        }

        isInTheLedger();
    }

    @Test
    void goesOnElsewhereWhenItsFilesAreDeleted() throws Exception {
        PostgresServer.kill();
        try (Replica replica = new Replica()) {
            Records.many(100).forEach(replica.journal::add);
            FileSystemUtils.deleteRecursively(directory.resolve("journal"));
            AtRest.within(MOST, () -> unrecorded() == 100);
            replica.record(1000);
            PostgresServer.start();
            replica.shipped();
        }

        isInTheLedger();
        assertThat(unrecorded()).isEqualTo(100);
        assertThat(pending()).isZero();
    }

    @Test
    void servesCallsUnrecordedWhenTheJournalIsFull() throws Exception {
        PostgresServer.kill();
        try (Replica replica = new Replica(LIMIT, JournalFull.ADMIT, true)) {
            long before = fill(replica);
            assertThatCode(replica.journal::requireRoom).doesNotThrowAnyException();
            replica.journal.add(Records.one(1));
            assertThat(unrecorded()).isEqualTo(before + 1);

            PostgresServer.start();
            replica.shipped();
            AtRest.within(MOST, () -> bytes() < LIMIT.toBytes() / 2);
            replica.record(10);
            replica.shipped();
            assertThat(unrecorded()).isEqualTo(before + 1);
        }

        isInTheLedger();
    }

    @Test
    void refusesCallsWhenTheJournalIsFullAndConfiguredSo() throws Exception {
        PostgresServer.kill();
        try (Replica replica = new Replica(LIMIT, JournalFull.REFUSE, true)) {
            while (room(replica)) {
                replica.record(100);
            }
            assertThatThrownBy(replica.journal::requireRoom).isInstanceOf(JournalFullException.class);
            // Admitted before.
            replica.record(10);
            assertThat(unrecorded()).isZero();
            replica.journal.add(Records.rejected(503, "journal_full"));
            assertThat(unrecorded()).isOne();

            PostgresServer.start();
            replica.shipped();
            AtRest.within(MOST, () -> room(replica));
        }

        isInTheLedger();
    }

    private static boolean room(Replica replica) {
        try {
            replica.journal.requireRoom();
            return true;
        } catch (JournalFullException e) {
            return false;
        }
    }

    /** Records until one is not; returns how many went unrecorded. */
    private long fill(Replica replica) {
        while (unrecorded() == 0) {
            CallRecord call = Records.one(recorded.size());
            replica.journal.add(call);
            if (unrecorded() == 0) {
                recorded.add(call);
            }
        }
        return unrecorded();
    }

    private long unrecorded() {
        return (long) registry.get("gateway.usage.unrecorded").counter().count();
    }

    private long pending() {
        return (long) registry.get("gateway.usage.journal.pending").gauge().value();
    }

    private double bytes() {
        return registry.get("gateway.usage.journal.bytes").gauge().value();
    }

    private void isInTheLedger() {
        assertThat(ledgers.requestIds())
                .containsExactlyElementsOf(
                        recorded.stream().map(CallRecord::requestId).sorted().toList());
        assertThat(ledgers.disagreements()).isEmpty();
    }

    private List<Path> journalFiles() throws Exception {
        try (var files = Files.walk(directory)) {
            return files.filter(file -> file.toString().endsWith(".journal")
                            && file.toFile().length() > 0)
                    .sorted()
                    .toList();
        }
    }

    /** A gateway's accounting, in the test's directory and to the test's ledger. */
    private final class Replica implements AutoCloseable {

        private final Journal journal;
        private @Nullable Shipper shipper;

        Replica() {
            this(true);
        }

        /** @param ships whether anything leaves the journal */
        Replica(boolean ships) {
            this(DataSize.ofMegabytes(100), JournalFull.ADMIT, ships);
        }

        Replica(DataSize limit, JournalFull full, boolean ships) {
            var properties = new UsageProperties(directory.toString(), limit, full, Duration.ofDays(90));
            journal = new Journal(properties, SEGMENT, registry);
            if (ships) {
                ship();
            }
        }

        void ship() {
            shipper = new Shipper(journal, ledgers.ledger, registry);
        }

        void record(int count) {
            for (int i = 0; i < count; i++) {
                record(Records.one(recorded.size()));
            }
        }

        void record(CallRecord call) {
            journal.add(call);
            recorded.add(call);
        }

        /** From now on nothing more can be written: no file can be begun where the next one should be. */
        void fillDisk() throws Exception {
            Files.createDirectory(nextFile());
            for (long first = journal.writer().segment(), size = 0; size < SEGMENT; ) {
                record(1);
                size = Files.size(journal.directory().segment(first));
            }
        }

        void freeDisk() throws Exception {
            Files.delete(nextFile());
        }

        private Path nextFile() {
            return journal.directory().segment(journal.writer().segment() + 1);
        }

        /** Waits until the ledger has all. */
        void shipped() {
            AtRest.within(MOST, () -> ledgers.calls() >= recorded.size());
        }

        @Override
        public void close() throws Exception {
            if (shipper != null) {
                shipper.close();
            }
            journal.close();
        }
    }
}
