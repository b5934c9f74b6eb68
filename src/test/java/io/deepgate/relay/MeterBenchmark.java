package io.deepgate.relay;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What metering costs: of a stream of 100 events per event, of a document whole. */
@State(Scope.Thread)
public class MeterBenchmark {

    private static final int EVENTS = 100;

    private final ByteBuf event = buffer("""
            data: {"id":"0c4b9c6e","object":"chat.completion.chunk","created":1795000000,"model":"deepseek-flash",\
            "system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,\
            "finish_reason":null}]}

            """);
    private final ByteBuf done = buffer("data: [DONE]\n\n");
    private final ByteBuf document = buffer("""
            {"id":"0c4b9c6e","object":"chat.completion","created":1795000000,"model":"deepseek-flash","choices":[{"index":0,\
            "message":{"role":"assistant","content":"%s"},"logprobs":null,"finish_reason":"stop"}],"usage":\
            {"prompt_tokens":100,"completion_tokens":100,"total_tokens":200,"prompt_cache_hit_tokens":64,\
            "prompt_cache_miss_tokens":36}}""".formatted("word ".repeat(100)));

    private static ByteBuf buffer(String text) {
        return Unpooled.directBuffer().writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    @Benchmark
    @OperationsPerInvocation(EVENTS)
    public long event() {
        AnswerMeter meter = new AnswerMeter();
        EventReader events = new EventReader(meter);
        for (int i = 0; i < EVENTS; i++) {
            events.next(event, 0);
        }
        events.next(done, 0);
        meter.whole();
        return meter.pieces();
    }

    @Benchmark
    public long document() {
        AnswerMeter meter = new AnswerMeter();
        meter.read(document, 0, document.writerIndex());
        meter.whole();
        return meter.usage(0).total();
    }
}
