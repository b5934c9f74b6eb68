import java.time.Duration;
import reactor.netty.ByteBufFlux;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.ConnectionProvider;

/** The JVM's floor: bytes through Reactor Netty and nothing else. BareProxy PORT UPSTREAM */
final class BareProxy {
    public static void main(String[] args) {
        var connections = ConnectionProvider.builder("bare").maxConnections(32_768).pendingAcquireMaxCount(-1).build();
        var upstream = HttpClient.create(connections).host("127.0.0.1").port(Integer.parseInt(args[1]));
        HttpServer.create()
                .host("127.0.0.1")
                .port(Integer.parseInt(args[0]))
                .idleTimeout(Duration.ofMinutes(10))
                .handle((request, response) -> upstream.headers(headers ->
                                headers.add(request.requestHeaders()).remove("host"))
                        .request(request.method())
                        .uri(request.uri())
                        .send(request.receive().retain())
                        .response((answer, body) -> {
                            response.status(answer.status()).headers(answer.responseHeaders());
                            return response.send(ByteBufFlux.fromInbound(body.retain()), buffer -> true).then();
                        })
                        .then())
                .bindNow()
                .onDispose()
                .block();
    }
}
