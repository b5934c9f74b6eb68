package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.Gateway;
import io.netty.util.concurrent.EventExecutor;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.http.client.ReactorResourceFactory;

class ManagementServerTests {

    @Test
    @Timeout(60)
    void answersWhileTheTenantsPortHasNoTime() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (Gateway gateway = Gateway.inFrontOf(URI.create("http://127.0.0.1:1"));
                HttpClient client = HttpClient.newHttpClient()) {
            var loops = gateway.bean(ReactorResourceFactory.class).getLoopResources();
            for (EventExecutor loop : loops.onServer(true)) {
                loop.submit(() -> {
                    over.await();
                    return null;
                });
            }
            URI readiness = URI.create("http://127.0.0.1:" + gateway.managementPort() + "/actuator/health/readiness");
            HttpRequest asked = HttpRequest.newBuilder(readiness)
                    .timeout(Duration.ofSeconds(20))
                    .build();

            try {
                assertThat(client.send(asked, BodyHandlers.ofString()).statusCode())
                        .isEqualTo(200);
            } finally {
                over.countDown();
            }
        }
    }
}
