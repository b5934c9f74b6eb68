package io.deepgate.catalog;

import static io.deepgate.catalog.Conversations.asked;
import static io.deepgate.catalog.Parameters.Thoughts.UNSAID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.deepgate.catalog.CatalogProperties.AliasEntry;
import io.deepgate.catalog.CatalogProperties.UnknownModels;
import io.deepgate.catalog.CatalogProperties.UnlistedSlugs;
import io.deepgate.catalog.CatalogProperties.UpstreamEntry;
import io.deepgate.catalog.CatalogProperties.UserIds;
import io.deepgate.catalog.Parameters.ForcedToolChoice;
import io.deepgate.catalog.Parameters.JsonSchema;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;

class CatalogTests {

    private static final Tenant ALL = tenant("*");

    @Test
    void findsTheSlugOfAnAlias() {
        Route route = catalog(UnknownModels.REJECT)
                .routes(ALL, asked("deepseek-reasoner"), HttpHeaders.EMPTY)
                .getFirst();

        assertThat(route.alias()).isEqualTo("deepseek-reasoner");
        assertThat(route.slug()).isEqualTo("deepseek-v4-pro");
        assertThat(route.upstream().name()).isEqualTo("other");
        assertThat(route.upstream().keys().current().getFirst().bearer()).isEqualTo("Bearer sk-other");
    }

    @Test
    void servesTheDefaultSlugByItsOwnName() {
        Route route = catalog(UnknownModels.REJECT)
                .routes(ALL, asked("deepseek-flash"), HttpHeaders.EMPTY)
                .getFirst();

        assertThat(route.alias()).isEqualTo("deepseek-flash");
        assertThat(route.slug()).isEqualTo("deepseek-flash");
        assertThat(route.upstream().name()).isEqualTo("deepseek");
    }

    @Test
    void servesUnknownModelsByTheDefaultSlug() {
        Catalog catalog = catalog(UnknownModels.DEFAULT_SLUG);

        Route route = catalog.routes(ALL, asked("gpt-9"), HttpHeaders.EMPTY).getFirst();

        assertThat(route)
                .isSameAs(catalog.routes(ALL, asked("deepseek-flash"), HttpHeaders.EMPTY)
                        .getFirst());
        assertThat(route.alias()).as("a label that no caller wrote").isEqualTo("deepseek-flash");
    }

    @Test
    void rejectsUnknownModelsWhereConfigured() {
        assertThatThrownBy(() -> catalog(UnknownModels.REJECT)
                        .routes(ALL, asked("gpt-9"), HttpHeaders.EMPTY)
                        .getFirst())
                .isInstanceOf(ModelNotFoundException.class);
    }

    @Test
    void hidesWhichModelsExistFromTenantsThatMayNotCallThem() {
        Tenant tenant = tenant("fast");
        for (UnknownModels unknown : UnknownModels.values()) {
            Throwable forbidden = catchThrowable(() -> catalog(unknown)
                    .routes(tenant, asked("deepseek-reasoner"), HttpHeaders.EMPTY)
                    .getFirst());
            Throwable missing = catchThrowable(() -> catalog(unknown)
                    .routes(tenant, asked("deepseek-reasonet"), HttpHeaders.EMPTY)
                    .getFirst());

            assertThat(forbidden).isInstanceOf(ModelNotFoundException.class).hasSameClassAs(missing);
            assertThat(forbidden.getMessage().replace("reasoner", "reasonet")).isEqualTo(missing.getMessage());
            assertThat(forbidden.getStackTrace()).isEmpty();
        }
    }

    @Test
    void letsATenantCallByItsOwnWordOnly() {
        Catalog catalog = catalog(UnknownModels.DEFAULT_SLUG);

        assertThat(catalog.routes(tenant("gpt-*"), asked("gpt-9"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("deepseek-flash");
        assertThatThrownBy(() -> catalog.routes(tenant("gpt-*"), asked("deepseek-flash"), HttpHeaders.EMPTY)
                        .getFirst())
                .isInstanceOf(ModelNotFoundException.class);
    }

    @Test
    void listsTheAliasesOfATenantInOrder() {
        Catalog catalog = catalog(UnknownModels.DEFAULT_SLUG);

        assertThat(catalog.aliases(ALL)).containsExactly("fast", "deepseek-reasoner", "deepseek-flash");
        assertThat(catalog.aliases(tenant("deepseek-*"))).containsExactly("deepseek-reasoner", "deepseek-flash");
        assertThat(catalog.aliases(tenant())).isEmpty();
        assertThat(catalog.routes()).hasSize(3);
    }

    @Test
    void prefersAnAliasToTheDefaultSlugOfTheSameName() {
        CatalogProperties properties = properties(
                UnknownModels.DEFAULT_SLUG,
                Map.of("deepseek", upstream("https://a.b", "sk-1")),
                Map.of("deepseek-flash", alias("deepseek-v4-pro", "deepseek")));

        assertThat(new Catalog(properties)
                        .routes(ALL, asked("deepseek-flash"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("deepseek-v4-pro");
        assertThat(new Catalog(properties)
                        .routes(ALL, asked("gpt-9"), HttpHeaders.EMPTY)
                        .getFirst()
                        .slug())
                .isEqualTo("deepseek-v4-pro");
    }

    @Test
    void ordersRoutesByPriority() {
        Catalog catalog = routed(route("c", 2, 1), route("a", 0, 1), route("b", 1, 1));

        List<Route> routes = catalog.routes(ALL, asked("many"), HttpHeaders.EMPTY);

        assertThat(routes).extracting(Route::slug).containsExactly("a", "b", "c");
        assertThat(routes).extracting(Route::alias).containsOnly("many");
        assertThat(catalog.routes(ALL, asked("many"), HttpHeaders.EMPTY))
                .as("nothing is drawn")
                .isSameAs(routes);
    }

    @Test
    void drawsTheOrderWithinAPriorityByWeight() {
        Catalog catalog = routed(route("a", 0, 3), route("b", 0, 1), route("none", 0, 0), route("last", 1, 1));
        int[] first = new int[2];
        for (int i = 0; i < 4000; i++) {
            List<String> slugs = catalog.routes(ALL, Conversations.of("u" + i), HttpHeaders.EMPTY).stream()
                    .map(Route::slug)
                    .toList();
            assertThat(slugs).hasSize(3).contains("a", "b").endsWith("last");
            first[slugs.getFirst().equals("a") ? 0 : 1]++;
        }
        assertThat(first[0]).as("3 of 4").isBetween(2850, 3150);
    }

    @Test
    void knowsRoutesWithoutWeightAsWell() {
        assertThat(routed(route("a", 0, 1), route("none", 0, 0)).routes())
                .extracting(Route::slug)
                .contains("a", "none");
    }

    @Test
    void takesWhatARouteDoesNotSayFromItsAlias() {
        Catalog catalog =
                routed(new RouteEntry(null, "other", 0, 1, Map.of()), new RouteEntry("own", null, 1, 1, Map.of()));

        assertThat(catalog.routes(ALL, asked("many"), HttpHeaders.EMPTY))
                .extracting(route -> route.upstream().name() + "/" + route.slug())
                .containsExactly("other/slug", "deepseek/own");
    }

    @Test
    void warnsOfAnUpstreamThatNoAliasUses() {
        Map<String, UpstreamEntry> upstreams =
                Map.of("deepseek", upstream("https://a.b", "sk-1"), "idle", upstream("https://a.b", "sk-2"));

        assertThat(new Catalog(properties(UnknownModels.REJECT, upstreams, Map.of())).warnings())
                .contains("gateway.catalog.upstreams.idle is used by no alias, so that no call goes there");
        assertThat(routed(new RouteEntry(null, "other", 0, 1, Map.of())).warnings())
                .noneMatch(warning -> warning.contains("is used by no alias"));
    }

    @Test
    void warnsOfAConcurrencyThatLimitsNothing() {
        Duration second = Duration.ofSeconds(1);
        UpstreamEntry upstream = new UpstreamEntry(
                URI.create("https://a.b"),
                "sk-1",
                List.of(),
                null,
                Map.of("deepseek-flash", 1, "flash", 1),
                second,
                second,
                second,
                Duration.ZERO,
                false,
                false,
                Set.of());

        assertThat(new Catalog(only(upstream)).warnings())
                .filteredOn(warning -> warning.contains("concurrency"))
                .containsExactly(
                        "gateway.catalog.upstreams.deepseek.concurrency.flash limits a slug that no alias stands for there");
    }

    private static RouteEntry route(String slug, int priority, int weight) {
        return new RouteEntry(slug, null, priority, weight, Map.of());
    }

    private static Catalog routed(RouteEntry... routes) {
        AliasEntry alias = new AliasEntry(
                "slug",
                "deepseek",
                List.of(routes),
                UNSAID,
                UNSAID,
                null,
                JsonSchema.REJECT,
                ForcedToolChoice.DISABLE_THINKING,
                null,
                null);
        Map<String, UpstreamEntry> upstreams =
                Map.of("deepseek", upstream("https://a.b", "sk-1"), "other", upstream("https://a.b", "sk-2"));
        return new Catalog(properties(UnknownModels.REJECT, upstreams, Map.of("many", alias)));
    }

    @Test
    void refusesAnUpstreamWithoutKey() {
        for (String key : new String[] {"", " \n"}) {
            assertThatThrownBy(() -> new Catalog(only(upstream("https://a.b", key))))
                    .isInstanceOf(MissingUpstreamKeyException.class)
                    .hasMessage("There is no key for the upstream 'deepseek':"
                            + " set DEEPSEEK_API_KEY or gateway.catalog.upstreams.deepseek.api-key.");
        }
    }

    @Test
    void takesTheEndOfLineOffAKeyThatWasReadFromAFile() {
        assertThat(upstreamOf(upstream("https://a.b", "sk-1234567\n"))
                        .keys()
                        .current()
                        .getFirst()
                        .value())
                .isEqualTo("sk-1234567");
    }

    @Test
    void takesBaseUrlsWithAndWithoutASlash() {
        assertThat(upstreamOf(upstream("https://a.b/", "sk-1")).baseUrl()).hasToString("https://a.b");
        assertThat(upstreamOf(upstream("http://a.b:81/x/v1//", "sk-1")).baseUrl())
                .hasToString("http://a.b:81/x/v1");
        assertThat(upstreamOf(upstream("https://a.b/v1", "sk-1")).baseUrl()).hasToString("https://a.b/v1");
    }

    @Test
    void showsNoKey() {
        assertThat(catalog(UnknownModels.REJECT).routes())
                .hasSize(3)
                .allSatisfy(route -> assertThat(route.toString())
                        .contains(route.upstream().name())
                        .doesNotContain("sk-"));
    }

    private static Upstream upstreamOf(UpstreamEntry entry) {
        return new Catalog(only(entry))
                .routes(ALL, asked("deepseek-flash"), HttpHeaders.EMPTY)
                .getFirst()
                .upstream();
    }

    private static CatalogProperties only(UpstreamEntry entry) {
        return properties(UnknownModels.REJECT, Map.of("deepseek", entry), Map.of());
    }

    private static Catalog catalog(UnknownModels unknown) {
        Map<String, AliasEntry> aliases = new LinkedHashMap<>();
        aliases.put("fast", alias("deepseek-flash", "deepseek"));
        aliases.put("deepseek-reasoner", alias("deepseek-v4-pro", "other"));
        Map<String, UpstreamEntry> upstreams = Map.of(
                "deepseek", upstream("https://api.deepseek.com", "sk-deepseek"),
                "other", upstream("http://127.0.0.1:1", "sk-other"));
        return new Catalog(properties(unknown, upstreams, aliases));
    }

    private static UpstreamEntry upstream(String url, String key) {
        Duration second = Duration.ofSeconds(1);
        return new UpstreamEntry(
                URI.create(url),
                key,
                List.of(),
                null,
                Map.of(),
                second,
                second,
                second,
                Duration.ZERO,
                false,
                false,
                Set.of());
    }

    private static Tenant tenant(String... models) {
        return new Tenant("search", List.of(models), Limits.NONE, Budget.NONE, 1, false, false);
    }

    private static AliasEntry alias(String slug, String upstream) {
        return new AliasEntry(
                slug,
                upstream,
                List.of(),
                UNSAID,
                UNSAID,
                null,
                JsonSchema.REJECT,
                ForcedToolChoice.DISABLE_THINKING,
                null,
                null);
    }

    private static CatalogProperties properties(
            UnknownModels unknown, Map<String, UpstreamEntry> upstreams, Map<String, AliasEntry> aliases) {
        return new CatalogProperties(
                "deepseek-flash",
                unknown,
                UserIds.PER_TENANT,
                UnlistedSlugs.WARN,
                Duration.ofMinutes(5),
                Duration.ofSeconds(1),
                upstreams,
                aliases,
                Map.of(),
                Map.of());
    }
}
