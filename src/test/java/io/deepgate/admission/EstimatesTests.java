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
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The weights of the prompt's estimate were fitted to {@code corpus.jsonl}; {@code held-out.jsonl} was written afterwards, and
 * they never saw it. Both are of English, Chinese, code, JSON and base64, with the tokens that DeepSeek's V4 tokenizer counts:
 * {@code count-tokens.py} says how.
 */
class EstimatesTests {

    private static final int LEARNT_FROM = 50;
    private static final int ORDERS = 5;
    private static final double MOST_DRIFT = 0.15;

    @ParameterizedTest
    @ValueSource(strings = {"corpus.jsonl", "held-out.jsonl"})
    void missesPromptsOfAllKindsByLittleOnceItHasLearnt(String corpus) throws IOException {
        assertThat(medianDrift(calls(corpus))).isLessThan(MOST_DRIFT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "english",
                "chinese",
                "code",
                "json",
                "base64",
                "english code",
                "chinese json",
                "code json base64"
            })
    void missesPromptsThatItsWeightsNeverSawByLittleWhateverTheyAreOf(String kinds) throws IOException {
        Set<String> mix = Set.of(kinds.split(" "));

        double drift = medianDrift(calls("held-out.jsonl").stream()
                .filter(call -> mix.contains(call.get("kind").asString()))
                .toList());

        assertThat(drift).isLessThan(MOST_DRIFT);
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

    /** Of the calls after the first fifty, in several orders. */
    private static double medianDrift(List<JsonNode> calls) {
        List<Double> drift = new ArrayList<>();
        for (long seed = 0; seed < ORDERS; seed++) {
            List<JsonNode> shuffled = new ArrayList<>(calls);
            Collections.shuffle(shuffled, new Random(seed));
            Estimates estimates = new Estimates(1, 2048);
            for (int i = 0; i < shuffled.size(); i++) {
                long byBytes = byBytes(shuffled.get(i));
                long used = shuffled.get(i).get("tokens").asLong();
                if (i >= LEARNT_FROM) {
                    drift.add(Math.abs(estimates.prompt(byBytes) - used) / (double) used);
                }
                estimates.learn(byBytes, new Used(used, 1, true, null));
            }
        }
        Collections.sort(drift);
        return drift.get(drift.size() / 2);
    }

    private static long byBytes(JsonNode call) {
        byte[] body = call.get("body").asString().getBytes(StandardCharsets.UTF_8);
        return new RequestBody(Unpooled.wrappedBuffer(body), Map.of(), List.of(), 0).estimatedTokens();
    }

    private static List<JsonNode> calls(String corpus) throws IOException {
        try (var in = Objects.requireNonNull(EstimatesTests.class.getResourceAsStream(corpus))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(JsonMapper.shared()::readTree)
                    .toList();
        }
    }
}
