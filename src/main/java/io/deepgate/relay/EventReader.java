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
    private boolean hasData;
    private boolean eventHadData;
    private boolean done;

    EventReader(AnswerMeter meter) {
        this.meter = meter;
    }

    /** Whether the stream has said that it is complete. */
    boolean done() {
        return done;
    }

    /** Whether the last event that ended had no data: it was a comment, or nothing but a blank line. */
    boolean comment() {
        return !eventHadData;
    }

    /**
     * Reads {@code part} from {@code from} and returns the index behind the next event that ends in it, else -1. Stops at
     * what is no event; what follows {@code [DONE]} is not looked at.
     */
    int next(ByteBuf part, int from) {
        int end = part.writerIndex();
        if (done) {
            return from < end ? end : -1;
        }
        int at = from;
        while (at < end) {
            int newline = part.indexOf(at, end, (byte) '\n');
            readLine(part, at, newline < 0 ? end : newline);
            if (newline < 0) {
                return -1;
            }
            at = newline + 1;
            if (endLine()) {
                return meter.garbled() ? -1 : at;
            }
        }
        return -1;
    }

    private void readLine(ByteBuf part, int from, int to) {
        for (int at = from; at < to; at++) {
            byte next = part.getByte(at);
            switch (state) {
                case NAME -> name(next);
                case VALUE -> value(next);
                case DONE -> done(next);
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
            hasData = true;
        }
    }

    private void value(byte next) {
        if (next == ' ' || next == '\r') {
            return;
        }
        if (next == '{' || meter.insideDocument()) {
            state = State.JSON;
        } else {
            state = State.DONE;
            matched = 0;
            done(next);
        }
    }

    private void done(byte next) {
        if (matched < DONE.length && next == DONE[matched]) {
            matched++;
        } else if (matched < DONE.length || next != '\r') {
            meter.garble();
        }
    }

    /** The body has ended, and with it the last event. */
    void end() {
        endLine();
        done |= meter.complete() && !meter.garbled();
    }

    /** Tells whether an event ends with this line. */
    private boolean endLine() {
        boolean eventEnds = lineIsEmpty;
        if (eventEnds) {
            meter.endEvent();
            done |= meter.complete() && !meter.garbled();
            eventHadData = hasData;
            hasData = false;
        }
        done |= state == State.DONE && matched == DONE.length && !meter.garbled();
        eventHadData |= done;
        state = State.NAME;
        matched = 0;
        lineIsEmpty = true;
        return eventEnds || done;
    }
}
