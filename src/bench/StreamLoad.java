import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Begins streams at a fixed rate, whatever becomes of them, and times each one's first event from when it was due to begin.
 * StreamLoad PORT BODY KEY STREAMS_PER_SECOND SECONDS EVENTS_BEFORE_LEAVING [HEADER…]
 */
final class StreamLoad {
    private static final byte[] END = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** One connection, which carries one stream after the other. */
    private static final class Carried {
        final SocketChannel channel;
        ByteBuffer request;
        long due;
        boolean headed;
        int newlines;
        int events;
        int end;

        Carried(SocketChannel channel) {
            this.channel = channel;
        }
    }

    private final ByteBuffer read = ByteBuffer.allocateDirect(1 << 16);
    private final ArrayDeque<Carried> idle = new ArrayDeque<>();
    private final InetSocketAddress address;
    private final byte[] request;
    private final int leaves;
    private final Selector selector = Selector.open();
    private final long[] firsts = new long[10_000_000];
    private int begun, first, ended, left, broken, open;
    private long events;

    private StreamLoad(int port, byte[] request, int leaves) throws IOException {
        address = new InetSocketAddress("127.0.0.1", port);
        this.request = request;
        this.leaves = leaves;
    }

    public static void main(String[] args) throws IOException {
        byte[] body = Files.readAllBytes(Path.of(args[1]));
        String more = Stream.of(args).skip(6).map(header -> header + "\r\n").collect(Collectors.joining());
        String head = "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                + "Authorization: Bearer " + args[2] + "\r\n" + more + "Content-Length: " + body.length + "\r\n\r\n";
        byte[] request = Arrays.copyOf(head.getBytes(StandardCharsets.US_ASCII), head.length() + body.length);
        System.arraycopy(body, 0, request, head.length(), body.length);
        new StreamLoad(Integer.parseInt(args[0]), request, Integer.parseInt(args[5]))
                .run(Double.parseDouble(args[3]), Double.parseDouble(args[4]));
    }

    private void run(double perSecond, double seconds) throws IOException {
        long start = System.nanoTime();
        long most = (long) (perSecond * seconds);
        // Those that run at the end are let end, for a while.
        long end = start + (long) ((seconds + 20) * 1e9);
        while ((begun < most || open > 0) && System.nanoTime() < end) {
            long due = start + (long) (begun * 1e9 / perSecond);
            long wait = begun < most ? (due - System.nanoTime()) / 1_000_000 : 100;
            if (wait <= 0) {
                selector.selectNow(this::ready);
                if (begun < most && System.nanoTime() >= due) {
                    begin(due);
                }
            } else {
                selector.select(this::ready, wait);
            }
        }
        Arrays.sort(firsts, 0, first);
        System.out.printf(
                "{\"streams\": %d, \"ended\": %d, \"left\": %d, \"broken\": %d, \"events\": %d, \"micros\": %d, "
                        + "\"p50\": %d, \"p99\": %d, \"p999\": %d}%n",
                begun, ended, left, broken + open, events, (System.nanoTime() - start) / 1000,
                percentile(0.5), percentile(0.99), percentile(0.999));
    }

    private long percentile(double share) {
        return first == 0 ? -1 : firsts[(int) (first * share)] / 1000;
    }

    private void begin(long due) throws IOException {
        begun++;
        open++;
        Carried stream = idle.poll();
        if (stream == null) {
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            stream = new Carried(channel);
            channel.connect(address);
            channel.register(selector, SelectionKey.OP_CONNECT, stream);
        } else {
            stream.channel.keyFor(selector).interestOps(SelectionKey.OP_WRITE);
        }
        stream.request = ByteBuffer.wrap(request);
        stream.due = due;
        stream.headed = false;
        stream.newlines = stream.events = stream.end = 0;
    }

    private void ready(SelectionKey key) {
        Carried stream = (Carried) key.attachment();
        try {
            if (key.isConnectable() && stream.channel.finishConnect()) {
                key.interestOps(SelectionKey.OP_WRITE);
            }
            if (key.isWritable()) {
                stream.channel.write(stream.request);
                key.interestOps(stream.request.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            }
            if (key.isReadable()) {
                read(stream, key);
            }
        } catch (IOException e) {
            close(stream, key);
            broken++;
        }
    }

    private void read(Carried stream, SelectionKey key) throws IOException {
        int length = stream.channel.read(read.clear());
        if (length < 0) {
            throw new IOException("cut");
        }
        for (int i = 0; i < length; i++) {
            byte b = read.get(i);
            stream.end = b == END[stream.end] ? stream.end + 1 : b == END[0] ? 1 : 0;
            if (stream.end == END.length) {
                ended++;
                open--;
                key.interestOps(0);
                idle.push(stream);
                return;
            }
            if (b == '\n') {
                if (++stream.newlines == 2) {
                    event(stream);
                }
            } else if (b != '\r') {
                stream.newlines = 0;
            }
        }
        if (stream.events >= leaves) {
            close(stream, key);
            left++;
        }
    }

    /** The first of them is the end of the head. */
    private void event(Carried stream) {
        if (!stream.headed) {
            stream.headed = true;
            return;
        }
        if (stream.events++ == 0) {
            firsts[first++] = System.nanoTime() - stream.due;
        }
        events++;
    }

    private void close(Carried stream, SelectionKey key) {
        key.cancel();
        open--;
        try {
            stream.channel.close();
        } catch (IOException e) {
            // It is gone.
        }
    }
}
