package io.deepgate.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HeardTests {

    @Test
    void hearsAllUpToTheLongest() {
        Heard heard = new Heard(6, bytes -> true);
        ByteBuf piece = piece("abc");

        heard.add(piece);
        heard.add(piece("def"));

        assertThat(heard.bytes()).asString(StandardCharsets.UTF_8).isEqualTo("abcdef");
        assertThat(piece.readableBytes()).as("left to whoever reads it").isEqualTo(3);
    }

    @Test
    void saysNothingOfWhatIsTooLongThoughItsEndWouldFit() {
        Heard heard = new Heard(6, bytes -> true);

        heard.add(piece("abc"));
        heard.add(piece("defg"));
        heard.add(piece("h"));

        assertThat(heard.bytes()).isEmpty();
    }

    @Test
    void saysNothingWhereAPieceFoundNoRoom() {
        Heard heard = new Heard(6, bytes -> bytes < 2);

        heard.add(piece("a"));
        heard.add(piece("bc"));
        heard.add(piece("d"));

        assertThat(heard.bytes()).isEmpty();
    }

    private static ByteBuf piece(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }
}
