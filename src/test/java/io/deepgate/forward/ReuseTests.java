package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.Gateway;
import io.deepgate.RawUpstream;
import io.deepgate.usage.Outcome;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An upstream that closes a pooled connection at the moment at which it is used again fails nobody. */
class ReuseTests {

    private static final String BODY = "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}";
    private static final String ANSWER =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + BODY.length() + "\r\n\r\n" + BODY;

    private static RawUpstream upstream;
    private static Gateway gateway;

    @BeforeAll
    static void start() {
        upstream = RawUpstream.start();
        gateway = Gateway.inFrontOf(upstream.baseUrl());
    }

    @AfterAll
    static void stop() {
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
