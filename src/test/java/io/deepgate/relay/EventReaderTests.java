package io.deepgate.relay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTests {

    private final AnswerMeter meter = new AnswerMeter();
    private final EventReader events = new EventReader(meter);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "data: {}~ | -1",
                "data: {}~~ | 10",
                "data: {}~~d | 10",
                "data: {}~~data: {}~~ | 20",
                "data: {}~~data: {}~ | 10",
                ": c~~ | 5",
                "~ | 1",
                "~~ | 2",
                "data: {}\\~\\~ | 12",
                "data: {}~\\~ | 11",
                "data: {}\\ | -1",
            })
    void tellsWhereTheLastWholeEventEnds(String text, int end) {
        assertThat(read(text.replace('~', '\n').replace('\\', '\r'))).isEqualTo(end);
    }

    @Test
    void countsFromTheBuffersOwnIndex() {
        var part = Unpooled.copiedBuffer("junkdata: {}\n\n", UTF_8).skipBytes(4);

        assertThat(events.next(part, part.readerIndex())).isEqualTo(14);
        assertThat(part.readerIndex()).isEqualTo(4);
    }

    @Test
    void findsTheEndOfAnEventThatBeganInAnEarlierPart() {
        assertThat(read("data: {\"a\"")).isEqualTo(-1);
        assertThat(read(":1}")).isEqualTo(-1);
        assertThat(read("\n")).isEqualTo(-1);
        assertThat(read("\nda")).isEqualTo(1);
        assertThat(read("ta: {}\n\n")).isEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: {\"model\":\"m\"}\n\n",
                "data:{\"model\":\"m\"}\n\n",
                "data:   {\"model\":\"m\"}\n\n",
                "data: {\"model\":\"m\"}\r\n\r\n",
                "event: x\nid: 1\ndata: {\"model\":\"m\"}\n\n",
                "data: {\"model\":\ndata: \"m\"}\n\n",
            })
    void readsTheDataOfAnEvent(String text) {
        read(text);

        assertThat(meter.model()).isEqualTo("m");
        assertThat(meter.garbled()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ": {\"model\":\"m\"}\n\n",
                "dat: {\"model\":\"m\"}\n\n",
                "datax: {\"model\":\"m\"}\n\n",
                "Data: {\"model\":\"m\"}\n\n",
                " data: {\"model\":\"m\"}\n\n",
                "event: data: {\"model\":\"m\"}\n\n",
                "data\n\n",
                "data:\n\n",
                "data: \n\n",
                "\n\n\n",
            })
    void readsNothingElse(String text) {
        read(text);

        assertThat(meter.model()).isNull();
        assertThat(meter.garbled()).isFalse();
        assertThat(events.done()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: [DONE]\n\n",
                "data:[DONE]\n\n",
                "data: [DONE]\r\n\r\n",
                "data: [DONE]\n",
                ": x\ndata: [DONE]\n"
            })
    void knowsTheLastEvent(String text) {
        assertThat(read(text)).isEqualTo(text.length());
        assertThat(events.done()).isTrue();
        assertThat(meter.garbled()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: [DONE]",
                "data: [DONE\n\n",
                ": [DONE]\n\n",
                "data: \"[DONE]\"\n\n",
                "[DONE]\n\n",
                "data: []\n\n"
            })
    void takesNothingElseForTheLastEvent(String text) {
        read(text);

        assertThat(events.done()).isFalse();
    }

    @Test
    void readsNothingBehindTheLastEvent() {
        assertThat(read("data: [DONE]\ndata: junk\n: x")).isEqualTo(27);
        assertThat(read("data: junk")).isEqualTo(10);
        assertThat(meter.garbled()).isFalse();
    }

    private int read(String text) {
        var part = Unpooled.copiedBuffer(text, UTF_8);
        int end = -1;
        for (int at = events.next(part, 0); at >= 0; at = events.next(part, at)) {
            end = at;
        }
        return end;
    }
}
