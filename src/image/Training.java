import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Calls a gateway as its users will, while its AOT cache is made: {@code java Training.java <base URL> <key> <calls>}. Ends
 * with 1 when a call is answered with another status than it should be.
 */
class Training {

    private static final int AT_ONCE = 16;
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String ONE_KB = "The quick brown fox jumps over the lazy dog. ".repeat(20);
    private static final String BODY =
            """
            {"model":"deepseek-flash","max_tokens":16,"stream":%s,"messages":[{"role":"user","content":"%s"}]}""";

    record Call(HttpRequest request, int status) {

        static Call to(URI uri, boolean stream, String key, int status) {
            return new Call(
                    HttpRequest.newBuilder(uri)
                            .header("authorization", "Bearer " + key)
                            .header("content-type", "application/json")
                            .POST(BodyPublishers.ofString(BODY.formatted(stream, ONE_KB)))
                            .build(),
                    status);
        }

        void make() throws IOException, InterruptedException {
            var response = CLIENT.send(request, BodyHandlers.ofString());
            if (response.statusCode() != status) {
                throw new IOException(
                        "%s answers %d: %s".formatted(request.uri(), response.statusCode(), response.body()));
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        URI chat = URI.create(arguments[0] + "/v1/chat/completions");
        String key = arguments[1];
        List<Call> calls = List.of(
                Call.to(chat, false, key, 200),
                Call.to(chat, true, key, 200),
                Call.to(URI.create(arguments[0] + "/anthropic/v1/messages"), true, key, 200),
                Call.to(chat, false, key.replaceAll(".{4}$", "none"), 401));
        AtomicInteger left = new AtomicInteger(Integer.parseInt(arguments[2]));
        Callable<Void> caller = () -> {
            for (int n = left.decrementAndGet(); n >= 0; n = left.decrementAndGet()) {
                calls.get(n % calls.size()).make();
            }
            return null;
        };
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> ended : callers.invokeAll(Collections.nCopies(AT_ONCE, caller))) {
                ended.get();
            }
        }
    }
}
