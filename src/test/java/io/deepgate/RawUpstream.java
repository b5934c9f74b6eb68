package io.deepgate;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** An upstream that does what no HTTP server would: a test writes its bytes itself, one connection at a time or many. */
public final class RawUpstream implements AutoCloseable {

    /** What happens on a connection; whatever it throws closes it. */
    public interface Script {
        void serve(Connection connection) throws Exception;
    }

    private final ServerSocket server;
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile Script script = Connection::readRequest;

    private RawUpstream(ServerSocket server) {
        this.server = server;
        Thread.ofVirtual().start(this::accept);
    }

    /** Listens on a free port of 127.0.0.1 and does nothing yet. */
    public static RawUpstream start() {
        try {
            return new RawUpstream(new ServerSocket(0, 1024, InetAddress.getByName("127.0.0.1")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** From now on, every new connection gets this. */
    public RawUpstream does(Script script) {
        this.script = script;
        return this;
    }

    /** From now on, every request gets these bytes and the end of its connection. */
    public RawUpstream answers(String bytes) {
        return does(connection -> {
            connection.readRequest();
            connection.write(bytes);
        });
    }

    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /** Connections that stand now. */
    public int openConnections() {
        return open.size();
    }

    /** Requests that were read. */
    public int requests() {
        return requests.get();
    }

    private void accept() {
        try {
            while (true) {
                Connection connection = new Connection(server.accept());
                open.add(connection);
                Thread.ofVirtual().start(() -> serve(connection));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Connection connection) {
        try (connection.socket) {
            script.serve(connection);
        } catch (Exception e) {
            // The other side has gone, which is for the test to know.
        } finally {
            open.remove(connection);
        }
    }

    /** Closes the connections that stand, but listens on. */
    public void closeConnections() {
        try {
            for (Connection connection : open) {
                connection.socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        closeConnections();
    }

    /** A connection with a gateway at its other end. */
    public final class Connection {

        /** CR, LF, CR, LF. */
        private static final int EMPTY_LINE = 0x0D0A0D0A;

        private final Socket socket;
        private final InputStream in;
        private volatile String head = "";
        private volatile byte[] body = {};

        private Connection(Socket socket) throws IOException {
            this.socket = socket;
            this.in = new BufferedInputStream(socket.getInputStream());
            socket.setTcpNoDelay(true);
        }

        /** The head of the last request that was read. */
        public String head() {
            return head;
        }

        /** The body of the last request that was read. */
        public byte[] body() {
            return body;
        }

        /** Reads one request with its body; fails when there is none. */
        public void readRequest() throws IOException {
            readHead();
            int length = head.toLowerCase(Locale.ROOT)
                    .lines()
                    .filter(line -> line.startsWith("content-length:"))
                    .mapToInt(line -> Integer.parseInt(
                            line.substring(line.indexOf(':') + 1).strip()))
                    .findFirst()
                    .orElse(0);
            body = in.readNBytes(length);
            requests.incrementAndGet();
        }

        /** Reads up to the empty line behind a request's headers. */
        public void readHead() throws IOException {
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            for (int last = 0; last != EMPTY_LINE; ) {
                int next = in.read();
                if (next < 0) {
                    throw new IOException("no request");
                }
                read.write(next);
                last = last << 8 | next;
            }
            head = read.toString(StandardCharsets.ISO_8859_1);
        }

        public void write(String text) throws IOException {
            write(text.getBytes(StandardCharsets.UTF_8));
        }

        public void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        }

        /** The head of a 200 whose body comes in chunks. */
        public void beginChunked(String contentType) throws IOException {
            write("HTTP/1.1 200 OK\r\ncontent-type: " + contentType
                    + "\r\nx-ds-trace-id: trace-1\r\ntransfer-encoding: chunked\r\n\r\n");
        }

        /** One chunk of a body that comes in chunks. */
        public void chunk(String text) throws IOException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            ByteArrayOutputStream chunk = new ByteArrayOutputStream();
            chunk.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            chunk.writeBytes(bytes);
            chunk.writeBytes(new byte[] {'\r', '\n'});
            write(chunk.toByteArray());
        }

        /** The end of a body that comes in chunks. */
        public void lastChunk() throws IOException {
            write("0\r\n\r\n");
        }

        /** Closes the connection by a TCP reset. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }

        /** Waits until the gateway closes the connection. */
        public void awaitClose() throws IOException {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
