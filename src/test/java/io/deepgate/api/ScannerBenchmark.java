package io.deepgate.api;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What reading a request costs, its prompt's estimate included. */
@State(Scope.Thread)
public class ScannerBenchmark {

    /** Bytes of the prompt. */
    @Param({"1000", "1000000"})
    private int size;

    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;

    /** In memory like that of a connection. */
    @Setup
    public void begin() {
        String prompt = "The quick brown fox jumps over the lazy dog. ".repeat(size / 45 + 1);
        String body = """
                {"model":"deepseek-flash","max_tokens":100,"messages":[{"role":"user","content":"%s"}]}""";
        byte[] text = body.formatted(prompt.substring(0, size)).getBytes(StandardCharsets.UTF_8);
        bytes = Unpooled.directBuffer(text.length).writeBytes(text);
    }

    @Benchmark
    public long scan() {
        return RequestScanner.scan(bytes).estimatedTokens();
    }
}
