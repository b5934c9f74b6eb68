package io.deepgate.watch;

import io.deepgate.watch.replay.GatewayOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Makes one call as a tenant does, to see that the whole way works. */
@Command(
        name = "call",
        description = "Makes one call as a tenant does; exits 0 if it is answered, else 1.",
        mixinStandardHelpOptions = true)
final class CallCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final int FEW_TOKENS = 64;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private GatewayOption gateway = new GatewayOption();

    @Option(
            names = "--model",
            defaultValue = "deepseek-flash",
            description = "The model to ask; default ${DEFAULT-VALUE}.")
    private String model = "";

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(request(), BodyHandlers.ofString());
            JsonNode said = JsonMapper.shared().readTree(answer.body());
            boolean answered = said.path("choices").size() > 0;
            out.println(
                    answered
                            ? model + " answers, with "
                                    + said.at("/usage/total_tokens").asInt(0) + " tokens in all."
                            : answer.statusCode() + ": "
                                    + said.at("/error/message").asString("no message"));
            return answered ? 0 : 1;
        } catch (IOException | RuntimeException e) {
            out.println(gateway.baseUrl() + " does not answer: " + e.getMessage());
            return 1;
        }
    }

    private HttpRequest request() {
        String body = JsonMapper.shared()
                .writeValueAsString(Map.of(
                        "model",
                        model,
                        "max_tokens",
                        FEW_TOKENS,
                        "messages",
                        List.of(Map.of("role", "user", "content", "Say hello."))));
        return gateway.chat(body, PATIENCE);
    }
}
