package io.deepgate.watch.replay;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks a gateway, as a tenant does, with the patience of OpenAI's SDKs. */
final class Asker implements AutoCloseable {

    /** Nothing would come of other cases either. */
    static final class RefusedException extends RuntimeException {

        private RefusedException(String message) {
            super(message);
        }
    }

    private static final int TRIES = 4;
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    private final HttpClient client = HttpClient.newHttpClient();
    private final GatewayOption gateway;
    private final Duration timeout;
    private final boolean keepAnswers;
    private final Pricing pricing;

    Asker(GatewayOption gateway, Duration timeout, boolean keepAnswers, Pricing pricing) {
        this.gateway = gateway;
        this.timeout = timeout;
        this.keepAnswers = keepAnswers;
        this.pricing = pricing;
    }

    /**
     * What becomes of {@code one} at {@code model}; null if it cannot be answered now.
     *
     * @throws RefusedException if no case would be answered
     */
    @Nullable
    Result ask(Case one, String model) throws InterruptedException {
        for (int tries = 1; tries <= TRIES; tries++) {
            long start = System.nanoTime();
            Duration pause = Duration.ofMillis(500L << tries);
            try {
                HttpResponse<String> answer =
                        client.send(gateway.chat(one.bodyFor(model), timeout), BodyHandlers.ofString());
                long millis = (System.nanoTime() - start) / 1_000_000;
                int status = answer.statusCode();
                JsonNode said = read(answer.body());
                String message = said.at("/error/message").asString("");
                if (status == 200 && !said.has("error") && said.has("choices")) {
                    return answered(one, model, millis, said);
                }
                if (status == 401 || status == 403 || status == 404 || isQuota(said)) {
                    throw new RefusedException(status + ": " + message);
                }
                if (status >= 400 && status < 500 && status != 408 && status != 409 && status != 429) {
                    return refused(one, model, status, millis, message);
                }
                pause = pause(answer, pause);
            } catch (HttpTimeoutException e) {
                // What took so long may have been paid for.
                return null;
            } catch (IOException e) {
                // Nobody there, or no longer: perhaps in a moment.
            }
            if (tries < TRIES) {
                Thread.sleep(pause);
            }
        }
        return null;
    }

    private static JsonNode read(String body) {
        try {
            return JsonMapper.shared().readTree(body);
        } catch (JacksonException e) {
            return JsonMapper.shared().missingNode();
        }
    }

    private static boolean isQuota(JsonNode said) {
        return said.at("/error/code").asString("").equals("insufficient_quota");
    }

    private static Duration pause(HttpResponse<String> answer, Duration otherwise) {
        long millis = answer.headers()
                .firstValueAsLong("retry-after-ms")
                .orElse(answer.headers().firstValueAsLong("retry-after").orElse(0) * 1000);
        Duration said = Duration.ofMillis(millis);
        return said.isZero() ? otherwise : said.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : said;
    }

    private Result answered(Case one, String model, long millis, JsonNode said) {
        Reply reply = Reply.of(said);
        return new Result(
                one.id(),
                one.digest(),
                model,
                200,
                reply.finish(),
                millis,
                reply.cached(),
                reply.uncached(),
                reply.output(),
                pricing.cost(model, reply),
                one.failures(reply),
                keepAnswers ? said.at("/choices/0/message").toString() : null);
    }

    private static Result refused(Case one, String model, int status, long millis, String message) {
        return new Result(
                one.id(),
                one.digest(),
                model,
                status,
                null,
                millis,
                0,
                0,
                0,
                0L,
                List.of("is refused with " + status + ": " + message),
                null);
    }

    @Override
    public void close() {
        client.close();
    }
}
