package io.deepgate.relay;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Reads server-sent events in whatever pieces they come, and hands the data of each to an {@link AnswerMeter}. Lines end
 * with LF or CRLF. Source: HTML Living Standard, section 9.2, "Server-sent events".
 */
final class EventReader {

    private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    /** What of a line has been read so far. */
    private enum State {
        NAME,
        VALUE,
        JSON,
        DONE,
        OTHER
    }

    private final AnswerMeter meter;
    private State state = State.NAME;
    private int matched;
    private boolean lineIsEmpty = true;
    private boolean done;

    EventReader(AnswerMeter meter) {
        this.meter = meter;
    }

    /** Whether {@code data: [DONE]} has come by. */
    boolean done() {
        return done;
    }

    /**
     * Reads {@code part} and returns the index behind the last whole event in it, -1 if none ends in it. What follows
     * {@code data: [DONE]} is not read, and counts as whole.
     */
    int read(ByteBuf part) {
        int boundary = -1;
        int at = part.readerIndex();
        int end = part.writerIndex();
        while (at < end && !done) {
            int newline = part.indexOf(at, end, (byte) '\n');
            readLine(part, at, newline < 0 ? end : newline);
            if (newline < 0) {
                return boundary;
            }
            at = newline + 1;
            if (lineIsEmpty) {
                boundary = at;
            }
            endLine();
        }
        return done ? end : boundary;
    }

    private void readLine(ByteBuf part, int from, int to) {
        for (int at = from; at < to; at++) {
            byte next = part.getByte(at);
            switch (state) {
                case NAME -> name(next);
                case VALUE -> value(next);
                case DONE -> matched += matched < DONE.length && next == DONE[matched] ? 1 : 0;
                case JSON, OTHER -> {}
            }
            if (state == State.JSON) {
                meter.read(part, at, to);
                return;
            }
        }
    }

    private void name(byte next) {
        if (next == '\r') {
            return;
        }
        lineIsEmpty = false;
        state = next == DATA[matched] ? State.NAME : State.OTHER;
        if (state == State.NAME && ++matched == DATA.length) {
            state = State.VALUE;
        }
    }

    private void value(byte next) {
        if (next == '[') {
            state = State.DONE;
            matched = 1;
        } else if (next != ' ') {
            state = State.JSON;
        }
    }

    private void endLine() {
        if (state == State.DONE && matched == DONE.length) {
            done = true;
        }
        state = State.NAME;
        matched = 0;
        lineIsEmpty = true;
    }
}
