package io.deepgate.api;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.http.HttpHeaders;

/**
 * Names a call in its answer, its log line and its record. Always ours: a name from the caller could repeat, and would
 * put what the caller wrote into our logs.
 */
public final class RequestId {

    private static final long RANDOM_12_BITS = 0xFFFL;
    private static final long VERSION_7 = 0x7000L;
    private static final long VARIANT_2 = 0x8000_0000_0000_0000L;
    private static final long RANDOM_62_BITS = 0x3FFF_FFFF_FFFF_FFFFL;

    static final String HEADER = "x-request-id";

    private RequestId() {}

    /** Sets the headers in which clients look for it. */
    public static void write(String id, HttpHeaders headers, Envelope envelope) {
        headers.set(HEADER, id);
        if (envelope == Envelope.ANTHROPIC) {
            headers.set("request-id", id);
        }
    }

    /** A version 7 UUID: ids sort by time. Source: RFC 9562, section 5.7. */
    public static String next() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        long high = (System.currentTimeMillis() << 16) | VERSION_7 | (random.nextLong() & RANDOM_12_BITS);
        long low = VARIANT_2 | (random.nextLong() & RANDOM_62_BITS);
        return new UUID(high, low).toString();
    }
}
