package io.deepgate;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Receives traces as OpenTelemetry's collector does: OTLP over HTTP, in protobuf. */
public final class TraceCollector implements AutoCloseable {

    private final HttpServer server;
    private final List<Span> spans = new CopyOnWriteArrayList<>();

    private TraceCollector(HttpServer server) {
        this.server = server;
    }

    public static TraceCollector start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
            TraceCollector collector = new TraceCollector(server);
            server.createContext("/v1/traces", collector::receive);
            server.start();
            return collector;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(exchange.getRequestBody());
            Overheard.hear("a trace", request.toString());
            request.getResourceSpansList()
                    .forEach(resource ->
                            resource.getScopeSpansList().forEach(scope -> spans.addAll(scope.getSpansList())));
            exchange.getResponseHeaders().set("content-type", "application/x-protobuf");
            exchange.sendResponseHeaders(200, 0);
            ExportTraceServiceResponse.getDefaultInstance().writeTo(exchange.getResponseBody());
        }
    }

    /** What makes {@code gateway} send its traces here, all of them. */
    public String[] properties(String... more) {
        String[] own = {
            "management.opentelemetry.tracing.export.otlp.endpoint=http://127.0.0.1:"
                    + server.getAddress().getPort() + "/v1/traces",
            "management.tracing.sampling.probability=1"
        };
        return java.util.stream.Stream.concat(java.util.Arrays.stream(own), java.util.Arrays.stream(more))
                .toArray(String[]::new);
    }

    /** The spans of a trace once all calls of {@code gateway} have ended, those first that began first. */
    List<Span> of(Gateway gateway, String traceId) {
        AtRest.assertThatHasNoOpenCall(gateway);
        gateway.bean(SdkTracerProvider.class).forceFlush().join(10, TimeUnit.SECONDS);
        return spans.stream()
                .filter(span -> hex(span.getTraceId()).equals(traceId))
                .sorted((a, b) -> Long.compare(a.getStartTimeUnixNano(), b.getStartTimeUnixNano()))
                .toList();
    }

    /** All that have come, in no order. */
    public List<Span> received() {
        return List.copyOf(spans);
    }

    /** All that has come, as text. */
    String text() {
        return spans.toString();
    }

    static String hex(com.google.protobuf.ByteString id) {
        return HexFormat.of().formatHex(id.toByteArray());
    }

    public static Map<String, Object> attributes(Span span) {
        return span.getAttributesList().stream().collect(Collectors.toMap(KeyValue::getKey, TraceCollector::value));
    }

    private static Object value(KeyValue attribute) {
        return switch (attribute.getValue().getValueCase()) {
            case STRING_VALUE -> attribute.getValue().getStringValue();
            case INT_VALUE -> attribute.getValue().getIntValue();
            case BOOL_VALUE -> attribute.getValue().getBoolValue();
            default -> attribute.getValue();
        };
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
