package io.deepgate.watch;

import io.deepgate.access.Tenant;
import io.deepgate.usage.UsageQuery;
import io.deepgate.usage.UsageReport;
import io.deepgate.usage.UsageReport.Page;
import io.deepgate.usage.UsageText;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.server.reactive.ServerHttpRequest;
import reactor.core.publisher.Mono;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** {@code GET /usage}: what calls used and cost, as JSON, or as CSV for those that accept {@code text/csv}. */
public final class UsageApi {

    private static final MediaType CSV = MediaType.parseMediaType("text/csv");
    private static final JsonFactory JSON = new JsonFactory();

    /** What is answered. */
    public record Document(MediaType type, String text) {}

    private final UsageReport report;
    private final Clock clock;

    UsageApi(UsageReport report, Clock clock) {
        this.report = report;
        this.clock = clock;
    }

    /**
     * What one tenant may see: its own usage, whatever it asks for, and its limits. Fails with an
     * {@code InvalidRequestException} or a {@code UsageUnavailableException}.
     */
    public Mono<Document> ofTenant(ServerHttpRequest request, Tenant tenant) {
        return Mono.defer(() -> report.read(query(request).ofTenant(tenant.id())))
                .map(page -> document(request, page, tenant));
    }

    /** What operators may see; fails as the other does. */
    Mono<Document> ofAll(ServerHttpRequest request) {
        return Mono.defer(() -> report.read(query(request))).map(page -> document(request, page, null));
    }

    private UsageQuery query(ServerHttpRequest request) {
        return UsageQuery.of(request.getQueryParams().asSingleValueMap(), clock);
    }

    private static Document document(ServerHttpRequest request, Page page, @Nullable Tenant tenant) {
        if (request.getHeaders().getAccept().stream().anyMatch(CSV::equalsTypeAndSubtype)) {
            return new Document(CSV, UsageText.csv(page));
        }
        var out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            if (tenant != null) {
                limits(tenant, json);
            }
            UsageText.json(page, json);
            json.writeEndObject();
        }
        return new Document(MediaType.APPLICATION_JSON, out.toString(StandardCharsets.UTF_8));
    }

    private static void limits(Tenant tenant, JsonGenerator json) {
        json.writeStringProperty("tenant", tenant.id());
        json.writeName("limits").writeStartObject();
        limit(json, "requests_per_minute", tenant.limits().requestsPerMinute());
        limit(json, "tokens_per_minute", tenant.limits().tokensPerMinute());
        limit(json, "concurrent_requests", tenant.limits().concurrentRequests());
        limit(json, "tokens_per_day", tenant.budget().tokensPerDay());
        money(json, "usd_per_day", tenant.budget().nanosPerDay());
        money(json, "usd_per_month", tenant.budget().nanosPerMonth());
        json.writeEndObject();
    }

    private static void limit(JsonGenerator json, String name, @Nullable Long limit) {
        if (limit != null) {
            json.writeNumberProperty(name, limit);
        }
    }

    private static void money(JsonGenerator json, String name, @Nullable Long nanos) {
        if (nanos != null) {
            BigDecimal usd = UsageText.usd(nanos).stripTrailingZeros();
            json.writeNumberProperty(name, usd.scale() < 0 ? usd.setScale(0) : usd);
        }
    }
}
