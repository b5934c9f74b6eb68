package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Listens to the whole suite: fails a test class during which a secret was in what is logged or printed, in an error's
 * answer, a scrape, a trace, the journal or the ledger. JUnit finds it by itself, so that no class can forget it.
 */
public final class Overheard implements BeforeAllCallback, AfterAllCallback {

    /** What prompts of the tests say, and nothing else may. */
    public static final String CANARY = "The canary sings at midnight";

    /** The keys of both tenants have it. */
    private static final String KEYS_SECRET =
            Gateway.SEARCH.value().substring(Gateway.SEARCH.value().lastIndexOf('-') + 1);

    private static final List<String> SECRETS = List.of(Gateway.UPSTREAM_KEY, KEYS_SECRET, CANARY);
    private static final Queue<String> FOUND = new ConcurrentLinkedQueue<>();
    private static final AtomicBoolean listening = new AtomicBoolean();

    @Override
    public void beforeAll(ExtensionContext context) {
        if (listening.compareAndSet(false, true)) {
            System.setOut(new PrintStream(new Ear(System.out), true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(new Ear(System.err), true, StandardCharsets.UTF_8));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        assertThat(found()).as("secrets that were told").isEmpty();
    }

    /** Something was told to whom it may not tell a secret. */
    static void hear(String where, String text) {
        for (String secret : SECRETS) {
            int at = text.indexOf(secret);
            if (at >= 0) {
                FOUND.add(where + ": …" + text.substring(Math.max(0, at - 200), Math.min(text.length(), at + 100)));
            }
        }
    }

    /** What was heard until now, once. */
    static List<String> found() {
        List<String> found = new ArrayList<>();
        for (String one = FOUND.poll(); one != null; one = FOUND.poll()) {
            found.add(one);
        }
        return found;
    }

    /** Passes all on, and hears each line. */
    private static final class Ear extends OutputStream {

        private static final int LONGEST = 1024 * 1024;

        private final PrintStream to;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Ear(PrintStream to) {
            this.to = to;
        }

        @Override
        public void write(int next) {
            write(new byte[] {(byte) next}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] bytes, int from, int length) {
            to.write(bytes, from, length);
            int begin = from;
            for (int at = from; at < from + length; at++) {
                if (bytes[at] == '\n' || line.size() + at - begin > LONGEST) {
                    line.write(bytes, begin, at - begin);
                    hear("output", line.toString(StandardCharsets.UTF_8));
                    line.reset();
                    begin = at;
                }
            }
            line.write(bytes, begin, from + length - begin);
        }

        @Override
        public void flush() throws IOException {
            to.flush();
        }
    }
}
