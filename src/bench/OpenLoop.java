import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Begins calls at a fixed rate, whatever becomes of them, and times each from when it was due to begin: a stream to its first
 * event, any other to its end. What is due in the first second, while this JVM and the connections are new, is not timed.
 * OpenLoop PORT BODY CALLS_PER_SECOND SECONDS EVENTS_BEFORE_LEAVING [HEADER…]
 */
final class OpenLoop {
    private static final byte[] END = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final long UNTIMED = 1_000_000_000;
    private static final long LET_END_MILLIS = 60_000;

    /** One connection, which carries one call after the other. */
    private static final class Carried {
        final SocketChannel channel = SocketChannel.open();
        final StringBuilder head = new StringBuilder();
        volatile long due;
        boolean headed;
        long left;
        int newlines, events, end;

        Carried() throws IOException {}

        void reset() {
            head.setLength(0);
            headed = false;
            newlines = events = end = 0;
        }
    }

    private final ByteBuffer read = ByteBuffer.allocateDirect(1 << 16);
    private final ConcurrentLinkedDeque<Carried> idle = new ConcurrentLinkedDeque<>();
    private final Selector selector = Selector.open();
    private final InetSocketAddress address;
    private final byte[] request;
    private final int leaves;
    private final double perSecond;
    private final int calls;
    private final long[] times;
    private final long start = System.nanoTime();
    private int timed, ended, left, broken, refused, flowing, most;
    private long events;

    private OpenLoop(int port, byte[] request, double perSecond, double seconds, int leaves) throws IOException {
        address = new InetSocketAddress("127.0.0.1", port);
        this.request = request;
        this.perSecond = perSecond;
        this.leaves = leaves;
        calls = (int) (perSecond * seconds);
        times = new long[calls];
    }

    public static void main(String[] args) throws Exception {
        byte[] body = Files.readAllBytes(Path.of(args[1]));
        String more = Stream.of(args).skip(5).map(header -> header + "\r\n").collect(Collectors.joining());
        String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + more
                + "Content-Length: " + body.length + "\r\n\r\n";
        byte[] request = Arrays.copyOf(head.getBytes(StandardCharsets.US_ASCII), head.length() + body.length);
        System.arraycopy(body, 0, request, head.length(), body.length);
        new OpenLoop(
                        Integer.parseInt(args[0]),
                        request,
                        Double.parseDouble(args[2]),
                        Double.parseDouble(args[3]),
                        Integer.parseInt(args[4]))
                .run();
    }

    private void run() throws InterruptedException {
        Duration before = processorTime();
        Thread reader = Thread.ofPlatform().daemon().start(this::readAll);
        for (int begun = 0; begun < calls; begun++) {
            long due = start + (long) (begun * 1e9 / perSecond);
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            begin(due);
        }
        reader.join(LET_END_MILLIS);
        synchronized (this) {
            Arrays.sort(times, 0, timed);
            System.out.printf(
                    "{\"calls\": %d, \"ended\": %d, \"left\": %d, \"refused\": %d, \"broken\": %d, \"events\": %d, "
                            + "\"most\": %d, \"load\": %d, \"micros\": %d, \"p50\": %d, \"p99\": %d, \"p999\": %d}%n",
                    calls, ended, left, refused, calls - ended - left, events, most,
                    processorTime().minus(before).toNanos() / 1000, (System.nanoTime() - start) / 1000,
                    percentile(0.5), percentile(0.99), percentile(0.999));
        }
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    private long percentile(double share) {
        return timed == 0 ? -1 : times[(int) (timed * share)] / 1000;
    }

    private void begin(long due) {
        Carried call = idle.pollFirst();
        try {
            call = call == null ? connected() : call;
        } catch (IOException e) {
            synchronized (this) {
                broken++;
            }
            return;
        }
        call.due = due;
        try {
            for (ByteBuffer rest = ByteBuffer.wrap(request); rest.hasRemaining(); ) {
                call.channel.write(rest);
            }
        } catch (IOException e) {
            // The reader finds it cut.
        }
    }

    private Carried connected() throws IOException {
        Carried call = new Carried();
        call.channel.connect(address);
        call.channel.configureBlocking(false);
        call.channel.register(selector, SelectionKey.OP_READ, call);
        selector.wakeup();
        return call;
    }

    private void readAll() {
        try {
            while (!over()) {
                selector.select(this::ready, 100);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private synchronized boolean over() {
        return ended + left + broken >= calls;
    }

    private synchronized void ready(SelectionKey key) {
        Carried call = (Carried) key.attachment();
        try {
            read(call, key);
        } catch (IOException e) {
            if (!idle.remove(call)) {
                broken++;
                flowing -= call.events > 0 ? 1 : 0;
            }
            close(call, key);
        }
    }

    private void read(Carried call, SelectionKey key) throws IOException {
        int length = call.channel.read(read.clear());
        if (length < 0) {
            throw new IOException("cut");
        }
        for (int i = 0; i < length; i++) {
            byte b = read.get(i);
            if (call.headed ? body(call, b) : head(call, b)) {
                end(call);
                return;
            }
        }
        if (call.events >= leaves) {
            left++;
            flowing--;
            close(call, key);
        }
    }

    /** Whether the answer ends with this byte. */
    private boolean head(Carried call, byte b) {
        call.head.append((char) b);
        if (b != '\n' || !call.head.toString().endsWith("\r\n\r\n")) {
            return false;
        }
        call.headed = true;
        String head = call.head.toString().toLowerCase();
        int at = head.indexOf("content-length:");
        call.left = at < 0 ? Long.MAX_VALUE : Long.parseLong(head.substring(at + 15, head.indexOf('\r', at)).strip());
        return call.left == 0;
    }

    private boolean body(Carried call, byte b) {
        call.end = b == END[call.end] ? call.end + 1 : b == END[0] ? 1 : 0;
        if (call.end == END.length) {
            return true;
        }
        if (b == '\n') {
            if (++call.newlines == 2) {
                events++;
                if (call.events++ == 0) {
                    time(call);
                    most = Math.max(most, ++flowing);
                }
            }
        } else if (b != '\r') {
            call.newlines = 0;
        }
        return --call.left == 0;
    }

    private void end(Carried call) {
        ended++;
        if (call.events > 0) {
            flowing--;
        } else {
            time(call);
        }
        call.reset();
        idle.addFirst(call);
    }

    private void time(Carried call) {
        if (call.head.charAt(9) != '2') {
            refused++;
        } else if (call.due - start >= UNTIMED) {
            times[timed++] = System.nanoTime() - call.due;
        }
    }

    private static void close(Carried call, SelectionKey key) {
        key.cancel();
        try {
            call.channel.close();
        } catch (IOException e) {
            // It is gone.
        }
    }
}
