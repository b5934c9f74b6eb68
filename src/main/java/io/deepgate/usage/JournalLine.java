package io.deepgate.usage;

import io.deepgate.catalog.Variant;
import io.deepgate.relay.Finish;
import io.deepgate.relay.TokenUsage;
import io.opentelemetry.api.trace.SpanContext;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/** A call record as the journal keeps it: the CRC-32C of what follows, a blank, a JSON array, a line feed; all ASCII. */
final class JournalLine {

    private static final int CHECKSUM = 8;
    private static final int LONGEST_MODEL = 128;
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    private JournalLine() {}

    static byte[] of(CallRecord call) {
        var out = new ByteArrayOutputStream(512);
        out.writeBytes(new byte[CHECKSUM + 1]);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            write(call, json);
        }
        out.write('\n');
        byte[] line = out.toByteArray();
        byte[] checksum = checksum(line, 0, line.length - 1).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(checksum, 0, line, 0, CHECKSUM);
        line[CHECKSUM] = ' ';
        return line;
    }

    private static void write(CallRecord call, JsonGenerator json) {
        TokenUsage tokens = call.tokens();
        json.writeStartArray();
        json.writeString(call.requestId());
        json.writeString(call.tenant());
        json.writeString(call.keyId());
        json.writeString(call.operation());
        json.writeString(call.alias());
        json.writeString(call.slug());
        json.writeString(call.upstream());
        json.writeNumber(call.attempts());
        json.writeString(call.responseModel() == null ? null : plain(call.responseModel()));
        json.writeBoolean(call.stream());
        json.writeString(call.outcome().name());
        json.writeNumber(call.status());
        json.writeString(call.errorCode());
        json.writeNumber(tokens.inputCached());
        json.writeNumber(tokens.inputUncached());
        json.writeNumber(tokens.output());
        json.writeNumber(tokens.reasoning());
        json.writeBoolean(tokens.estimated());
        optional(json, call.cost());
        json.writeNumber(ChronoUnit.MICROS.between(Instant.EPOCH, call.startedAt()));
        json.writeNumber(call.duration().toNanos());
        optional(
                json,
                call.timeToFirstToken() == null ? null : call.timeToFirstToken().toNanos());
        json.writeNumber(call.overhead().toNanos());
        json.writeString(call.variant() == null ? null : call.variant().name());
        json.writeBoolean(call.failedOver());
        json.writeString(call.finish() == null ? null : call.finish().name());
        json.writeNumber(call.parameters());
        json.writeEndArray();
    }

    private static void optional(JsonGenerator json, @Nullable Long number) {
        if (number == null) {
            json.writeNull();
        } else {
            json.writeNumber(number);
        }
    }

    /** An upstream may call its model anything; a database does not take everything. */
    private static String plain(String text) {
        int length = Math.min(text.length(), LONGEST_MODEL);
        StringBuilder plain = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            plain.append(c >= ' ' && c <= '~' ? c : '?');
        }
        return plain.toString();
    }

    /** The record in {@code length} bytes from {@code from}, without the line feed, or null if they are damaged. */
    static @Nullable CallRecord parse(byte[] bytes, int from, int length) {
        if (length <= CHECKSUM
                || !checksum(bytes, from, length)
                        .equals(new String(bytes, from, CHECKSUM, StandardCharsets.ISO_8859_1))) {
            return null;
        }
        int json = CHECKSUM + 1;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), bytes, from + json, length - json)) {
            parser.nextToken();
            return new Fields(parser).record();
        } catch (JacksonException | IllegalArgumentException e) {
            return null;
        }
    }

    /** Eight hexadecimal digits for the line, whose own first nine bytes do not count. */
    private static String checksum(byte[] line, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(line, from + CHECKSUM + 1, length - CHECKSUM - 1);
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /** The array's elements, one after the other. */
    private record Fields(JsonParser json) {

        CallRecord record() {
            return new CallRecord(
                    text(),
                    text(),
                    text(),
                    text(),
                    optionalText(),
                    optionalText(),
                    optionalText(),
                    (int) number(),
                    optionalText(),
                    flag(),
                    Outcome.valueOf(text()),
                    (int) number(),
                    optionalText(),
                    new TokenUsage(number(), number(), number(), number(), flag()),
                    optionalNumber(),
                    Instant.EPOCH.plus(number(), ChronoUnit.MICROS),
                    Duration.ofNanos(number()),
                    optionalDuration(),
                    Duration.ofNanos(number()),
                    variant(),
                    json.currentToken() != JsonToken.END_ARRAY && flag(),
                    finish(),
                    parameters(),
                    SpanContext.getInvalid());
        }

        /** A line from before there were variants ends here. */
        private @Nullable Variant variant() {
            String name = optionalText();
            return name == null ? null : Variant.valueOf(name);
        }

        private @Nullable Finish finish() {
            String name = json.currentToken() == JsonToken.END_ARRAY ? null : optionalText();
            return name == null ? null : Finish.valueOf(name);
        }

        private int parameters() {
            return json.currentToken() != JsonToken.END_ARRAY
                            && json.nextToken().isNumeric()
                    ? json.getIntValue()
                    : 0;
        }

        private String text() {
            json.nextToken();
            return json.getString();
        }

        private @Nullable String optionalText() {
            json.nextToken();
            return json.getValueAsString();
        }

        private boolean flag() {
            json.nextToken();
            return json.getBooleanValue();
        }

        private long number() {
            json.nextToken();
            return json.getLongValue();
        }

        private @Nullable Long optionalNumber() {
            return json.nextToken().isNumeric() ? json.getLongValue() : null;
        }

        private @Nullable Duration optionalDuration() {
            Long nanos = optionalNumber();
            return nanos == null ? null : Duration.ofNanos(nanos);
        }
    }
}
