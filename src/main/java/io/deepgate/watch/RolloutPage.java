package io.deepgate.watch;

import io.deepgate.access.Tenant;
import io.deepgate.access.TenantsFile;
import io.deepgate.usage.RolloutReports;
import io.deepgate.usage.UsageQuery;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/** {@code GET /rollouts} and {@code /rollouts/{alias}} on the management port. */
final class RolloutPage {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();
    private static final Duration PERIOD = Duration.ofDays(7);

    private final RolloutReports reports;
    private final TenantsFile tenants;
    private final SlugCheck slugs;
    private final Clock clock;

    RolloutPage(RolloutReports reports, TenantsFile tenants, SlugCheck slugs, Clock clock) {
        this.reports = reports;
        this.tenants = tenants;
        this.slugs = slugs;
        this.clock = clock;
    }

    RouterFunction<ServerResponse> route() {
        return RouterFunctions.route()
                .GET("/rollouts", request -> json(Map.of("rollouts", reports.all())))
                .GET("/rollouts/{*alias}", this::report)
                .build();
    }

    private Mono<ServerResponse> report(ServerRequest request) {
        String alias = request.pathVariable("alias").substring(1);
        return UsagePage.orError(Mono.defer(() -> reports.read(
                                alias,
                                from(request),
                                tenants.current().all().stream().map(Tenant::id).toList(),
                                slugs::context)
                        .flatMap(RolloutPage::json))
                .switchIfEmpty(Mono.defer(() -> UsagePage.error(
                        404,
                        UsagePage.INVALID,
                        "rollout_not_found",
                        null,
                        "'" + alias + "' has no candidate. GET /rollouts lists the aliases that have one."))));
    }

    private Instant from(ServerRequest request) {
        return UsageQuery.time(
                request.queryParams().asSingleValueMap(),
                "from",
                clock.instant().minus(PERIOD));
    }

    private static Mono<ServerResponse> json(Object document) {
        return ServerResponse.ok()
                .header("cache-control", "no-store")
                .contentType(MediaType.APPLICATION_JSON)
                .bodyValue(JSON.writeValueAsBytes(document));
    }
}
