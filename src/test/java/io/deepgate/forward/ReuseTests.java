package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.AtRest;
import io.deepgate.Gateway;
import io.deepgate.RawUpstream;
import io.deepgate.usage.Outcome;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.resources.LoopResources;

/** An upstream that closes a pooled connection at the moment at which it is used again fails nobody. */
class ReuseTests {

    /** More than twice as many as there are event loops, each of which has connections of its own. */
    private static final int TOGETHER = 3 * LoopResources.DEFAULT_IO_WORKER_COUNT;

    private static final Duration LATE = Duration.ofMillis(1200);
    private static final String BODY = "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}";
    private static final String ANSWER =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + BODY.length() + "\r\n\r\n" + BODY;

    private RawUpstream upstream;
    private Gateway gateway;

    @BeforeEach
    void start() {
        upstream = RawUpstream.start();
        gateway = Gateway.inFrontOf(upstream.baseUrl());
    }

    @AfterEach
    void stop() {
        gateway.close();
        upstream.close();
    }

    @Test
    void sendsACallAgainWhenItsPooledConnectionWasStale() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.write(ANSWER);
            connection.readRequest();
            connection.reset();
        });
        for (int call = 0; call < 4; call++) {
            assertThat(gateway.chat("{\"model\":\"deepseek-flash\"}").statusCode())
                    .isEqualTo(200);
            assertThat(gateway.record().outcome()).isEqualTo(Outcome.COMPLETED);
        }
    }

    @Test
    void sendsACallAgainWhenAllPooledConnectionsWereStale() {
        poolConnectionsThatReset(connection -> {});
        for (int call = 0; call < 4; call++) {
            assertThat(gateway.chat("{\"model\":\"deepseek-flash\"}").statusCode())
                    .isEqualTo(200);
            assertThat(gateway.record().attempts()).isEqualTo(1);
        }
        AtRest.within(Duration.ofSeconds(5), () -> upstream.openConnections() < TOGETHER);
    }

    @Test
    void sendsACallAgainWhenALateEventLoopNoticesThatAllWereStale() {
        EventLoopGroup loops =
                gateway.bean(ReactorResourceFactory.class).getLoopResources().onServer(true);
        poolConnectionsThatReset(connection -> {
            for (EventExecutor loop : loops) {
                CountDownLatch busy = new CountDownLatch(1);
                loop.execute(() -> {
                    busy.countDown();
                    LockSupport.parkNanos(LATE.toNanos());
                });
                busy.await();
            }
        });
        assertThat(gateway.chat("{\"model\":\"deepseek-flash\"}").statusCode()).isEqualTo(200);
        assertThat(gateway.record().attempts()).isEqualTo(1);
    }

    /** Has each event loop pool more connections than one, which the upstream resets when they are used again. */
    private void poolConnectionsThatReset(RawUpstream.Script before) {
        CountDownLatch all = new CountDownLatch(TOGETHER);
        upstream.does(connection -> {
            connection.readRequest();
            all.countDown();
            all.await();
            connection.write(ANSWER);
            connection.readRequest();
            before.serve(connection);
            connection.reset();
        });
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int call = 0; call < TOGETHER; call++) {
                clients.submit(() -> gateway.chat("{\"model\":\"deepseek-flash\"}"));
            }
        }
        for (int call = 0; call < TOGETHER; call++) {
            gateway.record();
        }
    }

    @Test
    void sendsNoCallAgainOnAConnectionThatIsNew() {
        upstream.does(connection -> {
            connection.readRequest();
            connection.reset();
        });
        gateway.chat("{\"model\":\"deepseek-flash\"}");
        gateway.record();
        int before = upstream.requests();
        assertThat(gateway.chat("{\"model\":\"deepseek-flash\"}").statusCode()).isEqualTo(502);
        assertThat(gateway.record().outcome()).isEqualTo(Outcome.FAILED);
        assertThat(upstream.requests()).isEqualTo(before + 1);
    }
}
