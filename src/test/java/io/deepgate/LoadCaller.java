package io.deepgate;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;

/** A caller that costs next to nothing beside the gateway that it loads: one connection, one request, again and again. */
final class LoadCaller implements AutoCloseable {

    private static final String LENGTH = "content-length: ";
    private static final int PATIENCE_MILLIS = 30_000;

    private final int port;
    private final byte[] request;
    private Socket socket = new Socket();
    private InputStream in = InputStream.nullInputStream();

    LoadCaller(int port, String request) {
        this.port = port;
        this.request = request.getBytes(StandardCharsets.UTF_8);
    }

    LoadCaller connect() throws IOException {
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
        return this;
    }

    /** Whether the gateway leaves the connection open for so long; nothing else is under way on it. */
    boolean staysOpen(Duration time) throws IOException {
        socket.setSoTimeout((int) time.toMillis());
        try {
            return in.read() >= 0;
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(PATIENCE_MILLIS);
        }
    }

    /** Makes one call and reads its answer, which has a length or comes in chunks; returns its status. */
    int call() throws IOException {
        if (!socket.isConnected()) {
            connect();
        }
        socket.getOutputStream().write(request);
        int status = Integer.parseInt(line().substring(9, 12));
        int length = -1;
        boolean closes = false;
        for (String line = line(); !line.isEmpty(); line = line()) {
            String header = line.toLowerCase(Locale.ROOT);
            length = header.startsWith(LENGTH) ? Integer.parseInt(header.substring(LENGTH.length())) : length;
            closes |= header.equals("connection: close");
        }
        if (length >= 0) {
            in.skipNBytes(length);
        } else {
            for (int size = size(); size > 0; size = size()) {
                in.skipNBytes(size + 2);
            }
            line();
        }
        if (closes) {
            close();
            socket = new Socket();
        }
        return status;
    }

    private int size() throws IOException {
        return Integer.parseInt(line(), 16);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the answer ended in: " + line);
            }
            if (next != '\r') {
                line.append((char) next);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
