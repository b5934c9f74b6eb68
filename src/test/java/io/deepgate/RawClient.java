package io.deepgate;

import io.deepgate.access.ApiKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A client that does what no HTTP library would: half requests, odd bytes, leaving when it likes. */
public final class RawClient implements AutoCloseable {

    private static final Pattern CONTENT_LENGTH = Pattern.compile("(?i)content-length: (\\d+)");

    private final Socket socket;
    private final InputStream in;

    /** Connects to the tenants' port of {@code gateway}; gives up a read after ten seconds. */
    public RawClient(Gateway gateway) throws IOException {
        this(gateway.port(), new Socket());
    }

    private RawClient(int port, Socket socket) throws IOException {
        this.socket = socket;
        socket.connect(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
        socket.setSoTimeout(10_000);
        this.in = socket.getInputStream();
    }

    /** A client that takes hardly anything before it reads. */
    public static RawClient slow(Gateway gateway) throws IOException {
        return connect(gateway.port(), 2048);
    }

    /** Connects to {@code port} of this machine. */
    public static RawClient connect(int port) throws IOException {
        return new RawClient(port, new Socket());
    }

    /** The same, but takes not much more than {@code receiveBuffer} bytes before it reads. */
    public static RawClient connect(int port, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(receiveBuffer);
        return new RawClient(port, socket);
    }

    /** The head of a chat completion by {@code key}, of which {@code length} bytes of body are to follow. */
    public static String chatHead(ApiKey key, int length, String... headers) {
        String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return "POST /v1/chat/completions HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer " + key.value()
                + "\r\ncontent-type: application/json\r\n" + (length < 0 ? "" : "content-length: " + length + "\r\n")
                + more + "\r\n";
    }

    /** Sends a whole chat completion by {@code key}. */
    public RawClient chat(ApiKey key, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        send(chatHead(key, bytes.length));
        return send(bytes);
    }

    public RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    public RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** Sends as much as the other side lets it. */
    public RawClient trySend(String text) {
        return trySend(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends as much as the other side lets it. */
    public RawClient trySend(byte[] bytes) {
        Thread.ofVirtual().start(() -> {
            try {
                send(bytes);
            } catch (IOException e) {
                // It has had enough.
            }
        });
        return this;
    }

    /** All that comes up to and with {@code text}, which is ASCII; fails if the connection ends before. */
    public String readUntil(String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.length() < text.length() || read.indexOf(text, read.length() - text.length()) < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("ended after: " + read);
            }
            read.append((char) next);
        }
        return read.toString();
    }

    /** The head of an answer. */
    public String readHead() throws IOException {
        return readUntil("\r\n\r\n");
    }

    /** A whole answer that says its length. */
    public String readAnswer() throws IOException {
        String head = readHead();
        Matcher length = CONTENT_LENGTH.matcher(head);
        if (!length.find()) {
            throw new IOException("no length: " + head);
        }
        return head + new String(in.readNBytes(Integer.parseInt(length.group(1))), StandardCharsets.UTF_8);
    }

    /** Reads {@code bytes}, framing included, and forgets them. */
    public void skip(long bytes) throws IOException {
        in.skipNBytes(bytes);
    }

    /** Reads until so many bytes have come, or the end. */
    public void readUpTo(int bytes) throws IOException {
        in.readNBytes(bytes);
    }

    /** From now on gives up a read after {@code millis}, instead of ten seconds. */
    public RawClient patience(int millis) throws IOException {
        socket.setSoTimeout(millis);
        return this;
    }

    /** All that comes until the connection ends; fails if it ends by a reset. */
    public String readAll() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** Leaves by a TCP reset, as a killed process does. */
    public void reset() throws IOException {
        if (!socket.isClosed()) {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    /** Leaves politely. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
