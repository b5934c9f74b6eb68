package io.deepgate.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.api.RequestBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class RewriteTests {

    private static final String JSON = "{\"é\":\"🚀\",\"model\" : \"fast\" ,\"messages\":[ ]}\n";

    @Test
    void changesTheModelAndNothingElse() {
        RequestBody body = body(bytes(JSON), "fast");

        ByteBuf sent = Rewrite.of(body, route("deepseek-v4-pro"));

        assertThat(text(sent)).isEqualTo(JSON.replace("\"fast\"", "\"deepseek-v4-pro\""));
        assertThat(text(body.bytes())).isEqualTo(JSON);
        sent.release();
        body.release();
    }

    @Test
    void copiesNothing() {
        RequestBody body = body(bytes(JSON), "fast");
        ByteBuf sent = Rewrite.of(body, route("deepseek-v4-pro"));

        body.bytes().setByte(0, '#');

        assertThat(text(sent)).startsWith("#").endsWith("]}\n");
        sent.release();
        body.release();
    }

    @Test
    void passesTheSameBytesWhereTheNameIsTheSlug() {
        RequestBody body = body(bytes(JSON), "fast");

        ByteBuf sent = Rewrite.of(body, route("fast"));

        assertThat(text(sent)).isEqualTo(JSON);
        assertThat(sent.unwrap()).isNotNull();
        sent.release();
        body.release();
    }

    @Test
    void changesTheModelWhereTheBytesDoNotBeginAtZero() {
        RequestBody body = body(bytes("junk" + JSON).skipBytes(4), "fast");

        ByteBuf sent = Rewrite.of(body, route("deepseek-v4-pro"));

        assertThat(text(sent)).isEqualTo(JSON.replace("\"fast\"", "\"deepseek-v4-pro\""));
        ByteBuf same = Rewrite.of(body, route("fast"));
        assertThat(text(same)).isEqualTo(JSON);
        sent.release();
        same.release();
        body.release();
    }

    @Test
    void changesTheModelInBytesCutAnywhere() {
        byte[] whole = JSON.getBytes(UTF_8);
        for (int cut = 0; cut <= whole.length; cut++) {
            CompositeByteBuf bytes = Unpooled.compositeBuffer();
            bytes.addComponent(true, Unpooled.copiedBuffer(whole, 0, cut));
            bytes.addComponent(true, Unpooled.copiedBuffer(whole, cut, whole.length - cut));
            RequestBody body = body(bytes, "fast");

            ByteBuf sent = Rewrite.of(body, route("m"));

            assertThat(text(sent)).as("cut at %d", cut).isEqualTo(JSON.replace("\"fast\"", "\"m\""));
            sent.release();
            body.release();
            assertThat(bytes.refCnt()).isZero();
        }
    }

    @Test
    void givesTheBytesBackInEitherOrder() {
        for (String slug : new String[] {"fast", "deepseek-v4-pro"}) {
            ByteBuf first = bytes(JSON);
            RequestBody body = body(first, "fast");
            ByteBuf sent = Rewrite.of(body, route(slug));
            body.release();
            assertThat(text(sent)).contains(slug);
            sent.release();
            assertThat(first.refCnt()).isZero();

            ByteBuf second = bytes(JSON);
            body = body(second, "fast");
            Rewrite.of(body, route(slug)).release();
            assertThat(text(body.bytes())).isEqualTo(JSON);
            body.release();
            assertThat(second.refCnt()).isZero();
        }
    }

    private static RequestBody body(ByteBuf bytes, String model) {
        String json = text(bytes);
        int from = json.substring(0, json.indexOf("\"" + model + "\"")).getBytes(UTF_8).length;
        return new RequestBody(bytes, model, from, from + model.length() + 2, false, 0);
    }

    private static Route route(String slug) {
        return new Route("alias", slug, null);
    }

    private static ByteBuf bytes(String text) {
        return PooledByteBufAllocator.DEFAULT.buffer().writeBytes(text.getBytes(UTF_8));
    }

    private static String text(ByteBuf bytes) {
        return bytes.toString(UTF_8);
    }
}
