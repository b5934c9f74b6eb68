package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Networks that fail on both sides of the gateway, and an upstream that fails in every way it can. Whatever happens, a
 * client never takes a broken answer for a whole one, and when all is over nothing is left behind.
 */
@Tag("chaos")
@Timeout(120)
class ChaosTests {

    private static final int MOST_BYTES = 2500;
    /** Of the soak; all of it is the one with Redis. */
    private static final int SHARE = 3;

    private static Chaos chaos;

    @BeforeAll
    static void start() {
        chaos = new Chaos();
    }

    @AfterAll
    static void stop() {
        chaos.close();
    }

    @BeforeEach
    void calm() {
        chaos.calm();
    }

    @Test
    void passesAnswersOnThatComeByteByByte() throws Exception {
        ChaosCall call = new ChaosCall(Gateway.SEARCH, Asked.CHAT, "deepseek-chat", true, "[[say Hello there]]", -1);
        String whole = content(call.make(chaos.gateway.port(), Chaos.PATIENCE));

        chaos.upstream.does(random -> new Fault(Fault.Kind.SPLIT, random.nextBoolean(), 0, 0));
        chaos.network.does(random -> new Fault(Fault.Kind.SPLIT, random.nextBoolean(), 0, 0));
        for (int i = 0; i < 8; i++) {
            assertThat(content(call.make(chaos.network.port(), Chaos.PATIENCE)))
                    .isEqualTo(whole)
                    .endsWith("data: [DONE]\n\n");
        }
        chaos.assertThatAllIsAtRest(9, 0, Set.of());
    }

    @Test
    void neverMakesAWholeAnswerOfOneThatWasCut() throws Exception {
        for (Fault.Kind kind : List.of(Fault.Kind.RESET, Fault.Kind.CLOSE)) {
            for (boolean stream : new boolean[] {true, false}) {
                AtomicInteger at = new AtomicInteger();
                int step = Chaos.SOAK.isZero() ? 23 : 1;
                chaos.upstream.does(random -> new Fault(kind, true, at.getAndAdd(step), 0));
                ChaosCall call =
                        new ChaosCall(Gateway.SEARCH, Asked.CHAT, "deepseek-chat", stream, "[[say Hello there]]", -1);
                List<Future<ChaosCall.Seen>> all = new ArrayList<>();
                for (int i = 0; i < MOST_BYTES / step; i++) {
                    all.add(chaos.callers.submit(() -> call.make(chaos.gateway.port(), Chaos.PATIENCE)));
                    if (all.size() % 8 == 0) {
                        all.getLast().get();
                    }
                }
                for (Future<ChaosCall.Seen> seen : all) {
                    Chaos.assertThatIsNoHalfAnswer(call, seen.get(), true);
                }
                chaos.assertThatAllIsAtRest(all.size(), 0, Set.of());
            }
        }
    }

    @Test
    void survivesEveryFaultEverywhere() throws Exception {
        List<Fault> faults = Chaos.each();
        chaos.upstream.does(Chaos.inTurn(faults));
        chaos.round(1, faults.size());
        chaos.upstream.does(random -> Fault.NONE);
        chaos.network.does(Chaos.inTurn(faults));
        chaos.round(2, faults.size());
    }

    /** Rounds that once found a fault, and a few that did not. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void survivesAllFaultsAtOnce(long seed) throws Exception {
        chaos.failAnyhow();
        chaos.round(seed);
        assertThat(Leaks.found()).as("leaked buffers").isEmpty();
    }

    @Test
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void soaks() throws Exception {
        chaos.soak(Chaos.SOAK.dividedBy(SHARE));
    }

    private static String content(ChaosCall.Seen seen) {
        assertThat(seen.ended() && seen.whole()).as(seen.text()).isTrue();
        return ChaosCall.body(seen.text()).replaceAll("\"id\":\"[^\"]*\"|\"created\":\\d+", "");
    }
}
