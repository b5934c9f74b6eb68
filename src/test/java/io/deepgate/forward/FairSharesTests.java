package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.Leaks;
import io.deepgate.access.ApiKey;
import io.deepgate.forward.HeldUpstream.Held;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tenants that share an account's concurrency, spent by calls that end when the test says so. */
@ExtendWith(Leaks.class)
@Timeout(60)
class FairSharesTests {

    private static final int MANY = 300;

    private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
    private final HeldUpstream upstream = new HeldUpstream();
    private Gateway gateway;

    @AfterEach
    void isAtRest() {
        clients.close();
        AtRest.within(Duration.ofSeconds(5), () -> gauge("in.use") == 0 && gauge("queued") == 0);
        assertThat(upstream.hasNoOther()).isTrue();
        gateway.close();
        upstream.close();
    }

    @Test
    void letsATenantsTwoCallsInBeforeTheHundredsOfAnother() throws Exception {
        starts(1, "length=1000", "timeout=60s");
        List<Future<HttpResponse<String>>> calls = wait(Gateway.SEARCH, MANY, 0);
        assertThat(turns(5)).containsOnly("search");
        AtRest.within(Duration.ofSeconds(10), () -> gauge("queued") == MANY - 6);
        calls.addAll(wait(Gateway.MAIL, 2, MANY - 6));

        List<String> turns = turns(MANY - 5 + 2);

        assertThat(turns.getFirst()).as("which had its turn before").isEqualTo("search");
        assertThat(turns.get(1)).as("the first turn that comes").isEqualTo("mail");
        assertThat(turns.subList(2, 4)).as("one for each").containsExactlyInAnyOrder("search", "mail");
        for (Future<HttpResponse<String>> call : calls) {
            assertThat(call.get().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void givesTwoOfThreeTurnsToTheTenantOfTwiceTheWeight() throws Exception {
        starts(2, "length=1000", "timeout=60s");
        wait(Gateway.SEARCH, 61, 0);
        wait(Gateway.MAIL, 30, 60);

        List<String> turns = turns(91);

        // The first came before there was a queue.
        for (int i = 1; i < turns.size(); i += 3) {
            assertThat(turns.subList(i, i + 3)).as("from turn %d", i).containsOnlyOnce("mail");
        }
    }

    @Test
    void keepsNoMoreWaitingThanItIsToldAndRefusesTheNewestOfWhoHasMost() throws Exception {
        starts(1, "length=3", "timeout=60s");
        List<Future<HttpResponse<String>>> waiting = wait(Gateway.SEARCH, 4, 0);

        assertRefused(call(Gateway.SEARCH).get());
        Future<HttpResponse<String>> other = call(Gateway.MAIL);
        HttpResponse<String> pushedOut = ended(waiting);

        assertRefused(pushedOut);
        assertThat(turns(4)).containsExactly("search", "search", "mail", "search");
        assertThat(other.get().statusCode()).isEqualTo(200);
    }

    @Test
    void keepsNoneWaitingLongerThanItIsTold() throws Exception {
        starts(1, "length=1000", "timeout=300ms");
        Future<HttpResponse<String>> served = call(Gateway.SEARCH);
        Held held = upstream.next();

        assertRefused(call(Gateway.MAIL).get());

        held.isAnswered();
        assertThat(served.get().statusCode()).isEqualTo(200);
    }

    private static void assertRefused(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValueAsLong("retry-after").orElse(0)).isPositive();
        assertThat(answer.body()).contains("upstream_rate_limited");
    }

    private void starts(int searchWeight, String length, String timeout) {
        gateway = Gateway.with(
                "tenants:\n" + tenant("search", Gateway.SEARCH, searchWeight) + tenant("mail", Gateway.MAIL, 1),
                upstream.baseUrl(),
                "gateway.forward.queue." + length,
                "gateway.forward.queue." + timeout,
                "gateway.catalog.upstreams.deepseek.concurrency.deepseek-flash=1");
    }

    private static String tenant(String id, ApiKey key, int weight) {
        return "  - { id: %s, weight: %d, keys: [{ id: %s, sha256: %s }] }\n"
                .formatted(id, weight, key.id(), key.sha256Hex());
    }

    /** Has so many of a tenant's calls wait beside {@code others}; the very first is at the upstream instead. */
    private List<Future<HttpResponse<String>>> wait(ApiKey key, int count, int others) {
        List<Future<HttpResponse<String>>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(call(key));
        }
        int first = others == 0 ? 1 : 0;
        AtRest.within(Duration.ofSeconds(30), () -> gauge("in.use") == 1 && gauge("queued") == others + count - first);
        return calls;
    }

    private Future<HttpResponse<String>> call(ApiKey key) {
        String who = key == Gateway.SEARCH ? "search" : "mail";
        return clients.submit(() -> gateway.send(gateway.request("/chat/completions", key)
                .POST(BodyPublishers.ofString(
                        "{\"model\":\"deepseek-flash\",\"messages\":[],\"x_who\":\"" + who + "\"}"))
                .build()));
    }

    /** Whose calls come to the upstream, one after the other, as each is answered. */
    private List<String> turns(int count) throws InterruptedException {
        List<String> turns = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Held held = upstream.next();
            assertThat(upstream.hasNoOther()).isTrue();
            turns.add(held.body().contains("search") ? "search" : "mail");
            held.isAnswered();
        }
        return turns;
    }

    /** The first of them that has ended. */
    private static HttpResponse<String> ended(List<Future<HttpResponse<String>>> calls) throws Exception {
        AtRest.within(Duration.ofSeconds(10), () -> calls.stream().anyMatch(Future::isDone));
        return calls.stream().filter(Future::isDone).findFirst().orElseThrow().get();
    }

    private double gauge(String name) {
        return gateway.concurrency(name, "deepseek-flash");
    }
}
