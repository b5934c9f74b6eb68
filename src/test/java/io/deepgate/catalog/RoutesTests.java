package io.deepgate.catalog;

import static io.deepgate.catalog.Conversations.asked;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.deepgate.access.Budget;
import io.deepgate.access.Limits;
import io.deepgate.access.Tenant;
import io.deepgate.api.RequestBody;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.http.HttpHeaders;

/** Several models behind one alias: who goes where, and who moves when weights do. */
class RoutesTests {

    private static final int USERS = 20_000;
    private static final List<RequestBody> CONVERSATIONS =
            IntStream.range(0, USERS).mapToObj(i -> Conversations.of("u" + i)).toList();
    private static final Tenant SEARCH = tenant("search");
    private static final Tenant MAIL = tenant("mail");

    @ParameterizedTest
    @CsvSource({"5, 25", "25, 5", "0, 5", "1, 1000", "50, 49"})
    void moveOnlyTheShareOfAWeightThatMoves(int before, int after) {
        Map<Integer, String> old = slugs(weighted(95 - before, before, 5), SEARCH);
        Map<Integer, String> now = slugs(weighted(95 - before, after, 5), SEARCH);

        double rest = 100 - before;
        double expected = Math.abs(after / (rest + after) - before / 100.0);
        long moved = old.keySet().stream()
                .filter(user -> !old.get(user).equals(now.get(user)))
                .peek(user -> assertThat(after > before ? now.get(user) : old.get(user))
                        .as("none moves between the others")
                        .isEqualTo("new"))
                .count();
        assertThat(moved / (double) USERS).isBetween(expected - 0.01, expected + 0.01);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 5", "5, 25", "25, 50", "50, 100"})
    void keepWhoIsAtTheCandidateWhenItsShareRises(double before, double after) {
        Map<Integer, String> old = slugs(catalog("aliases.many.candidate.share", before), SEARCH);
        Map<Integer, String> now = slugs(catalog("aliases.many.candidate.share", after), SEARCH);

        assertThat(share(old, "candidate")).isBetween(before - 1, before + 1);
        assertThat(share(now, "candidate")).isBetween(after - 1, after + 1);
        assertThat(old.keySet())
                .filteredOn(user -> old.get(user).equals("candidate"))
                .allMatch(user -> now.get(user).equals("candidate"));
    }

    @Test
    void areTheSameOnEveryReplica() {
        assertThat(slugs(weighted(60, 30, 10), SEARCH)).isEqualTo(slugs(weighted(60, 30, 10), SEARCH));
        assertThat(slugs(catalog("aliases.many.candidate.share", 30), SEARCH))
                .isEqualTo(slugs(catalog("aliases.many.candidate.share", 30), SEARCH));
    }

    @Test
    void takeOthersWhenTheCandidateIsAnother() {
        Map<Integer, String> one = slugs(catalog("aliases.many.candidate.share", 30), SEARCH);
        Map<Integer, String> other =
                slugs(catalog("aliases.many.candidate.share", 30, "aliases.many.candidate.slug", "other"), SEARCH);

        long both = one.keySet().stream()
                .filter(user ->
                        one.get(user).equals("candidate") && other.get(user).equals("other"))
                .count();
        assertThat(both / (double) USERS)
                .as("of users who try everything first")
                .isBetween(0.07, 0.11);
    }

    @Test
    void haveWeightsOfATenant() {
        Catalog catalog = catalog(
                "aliases.many.routes[0].slug", "old",
                "aliases.many.routes[0].tenants.mail", 0,
                "aliases.many.routes[1].slug", "new",
                "aliases.many.routes[1].weight", 0,
                "aliases.many.routes[1].tenants.mail", 7);

        assertThat(share(slugs(catalog, SEARCH), "old")).isEqualTo(100);
        assertThat(share(slugs(catalog, MAIL), "new")).isEqualTo(100);
    }

    @Test
    void haveACandidatesShareOfATenantUntilItIsStopped() {
        Catalog catalog = catalog("aliases.many.candidate.share", 5, "aliases.many.candidate.tenants.mail", 60);

        assertThat(share(slugs(catalog, SEARCH), "candidate")).isBetween(4.0, 6.0);
        assertThat(share(slugs(catalog, MAIL), "candidate")).isBetween(59.0, 61.0);
        catalog.canaries().get("many").stop("too slow");
        assertThat(share(slugs(catalog, SEARCH), "candidate")).isZero();
        assertThat(share(slugs(catalog, MAIL), "candidate")).isZero();
    }

    @Test
    void haveStableBehindTheCandidateAndNeverTheCandidateBehindStable() {
        Catalog catalog = catalog("aliases.many.candidate.share", 50);

        assertThat(CONVERSATIONS)
                .extracting(conversation -> catalog.routes(SEARCH, conversation, HttpHeaders.EMPTY).stream()
                        .map(route -> route.slug() + " " + route.variant())
                        .toList())
                .containsOnly(List.of("candidate CANDIDATE", "stable STABLE"), List.of("stable STABLE"));
    }

    @Test
    void goUpBySteps() {
        Catalog catalog = catalog("aliases.many.candidate.steps", "1, 5, 50, 100");
        Canary canary = catalog.canaries().get("many");

        assertThat(canary.share()).isEqualTo(1);
        canary.reach(2);
        canary.reach(1);
        assertThat(canary.share()).isEqualTo(50);
        assertThat(share(slugs(catalog, SEARCH), "candidate")).isBetween(49.0, 51.0);
        canary.reach(9);
        assertThat(canary.share()).isEqualTo(100);
        assertThat(canary.hasNextStep()).isFalse();
    }

    @Test
    void areAsFarAsTheyWereAfterAReloadThatLeavesTheCandidate() {
        LiveCatalog live = new LiveCatalog(properties("aliases.many.candidate.steps", "1, 5, 50"));
        live.current().canaries().get("many").reach(1);

        live.adopt(properties("aliases.many.candidate.steps", "1, 5, 50", "aliases.many.max-tokens", 7));
        assertThat(live.current().canaries().get("many").share()).isEqualTo(5);
        live.current().canaries().get("many").stop("too slow");
        live.adopt(properties("aliases.many.candidate.steps", "1, 5, 50"));
        assertThat(live.current().canaries().get("many").stopped()).isTrue();

        live.adopt(properties("aliases.many.candidate.steps", "1, 5, 50", "aliases.many.candidate.round", 2));
        assertThat(live.current().canaries().get("many").share())
                .as("it begins anew")
                .isEqualTo(1);
    }

    @Test
    void haveParametersOfTheCandidatesOwn() {
        Catalog catalog = catalog(
                "aliases.many.candidate.share",
                100,
                "aliases.many.force.thinking",
                "disabled",
                "aliases.many.max-tokens",
                9,
                "aliases.many.candidate.force.thinking",
                "enabled");

        Parameters parameters = first(catalog, SEARCH, asked("many")).parameters();
        assertThat(parameters.force().thinking()).isEqualTo(Parameters.Thinking.ENABLED);
        assertThat(parameters.maxTokens()).isEqualTo(9);
    }

    @Test
    void costNothingWhereThereIsNoChoice() {
        Alias alias = Alias.of(first(catalog(), SEARCH, asked("many")));
        RequestBody body = asked("many");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        alias.routes(SEARCH, body, HttpHeaders.EMPTY);

        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 10_000; i++) {
            alias.routes(SEARCH, body, HttpHeaders.EMPTY);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .as("bytes for ten thousand calls")
                .isLessThan(10_000);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "candidate.share | 101 | share is 101.0: write 0 to 100, percent of conversations",
                "candidate.steps | 5, 1 | steps are [5.0, 1.0]: write percents that rise, such as 1, 5, 25, 50, 100",
                "candidate.steps | 5, 500 | steps is 500.0: write 0 to 100, percent of conversations",
                "candidate.tenants.mail | -1 | tenants.mail is -1.0: write 0 to 100, percent of conversations",
                "candidate.slug | stable | gateway.catalog.aliases.many.candidate is 'stable' at 'deepseek', which is what the"
                        + " alias stands for already: write another slug or upstream",
                "candidate.upstream | nowhere | gateway.catalog.aliases.many.candidate.upstream is 'nowhere', which is none of"
                        + " gateway.catalog.upstreams: [deepseek]",
                "candidate.guard.calls | 5 | guard.calls is 5: write 20 or more",
                "candidate.guard.confidence | 1 | guard.confidence is 1.0: write above 0.5 and below 1",
                "candidate.guard.cost | 0.5 | guard.cost is 0.5: write 1 to 1000, or 0 for whatever",
                "routes[0].weight | 1001 | weight is 1001: write 0 to 1000",
                "routes[0].tenants.mail | 0 | gateway.catalog.aliases.many.routes all have the weight 0 for the tenant 'mail', so"
                        + " no call could go anywhere: write 1 or more for one"
            })
    void areRefusedWhereTheyMakeNoSense(String name, String value, String reason) {
        assertThatThrownBy(() -> properties("aliases.many." + name, value))
                .rootCause()
                .hasMessage(reason);
    }

    @Test
    void areRefusedWithShareAndSteps() {
        assertThatThrownBy(() -> properties("aliases.many.candidate.share", 5, "aliases.many.candidate.steps", "1, 5"))
                .rootCause()
                .hasMessage("share never counts, since steps do: take one of them out");
    }

    @Test
    void areWarnedOfWhereTheyDoNothing() {
        assertThat(catalog("aliases.many.sticky-header", "x-c", "aliases.many.routes[0].weight", 7)
                        .warnings())
                .contains(
                        "gateway.catalog.aliases.many.sticky-header never counts, since all conversations go the same way",
                        "gateway.catalog.aliases.many.routes[0].weight never counts, since no other route has its priority");
        assertThat(catalog("aliases.many.candidate.share", 0).warnings())
                .contains("gateway.catalog.aliases.many.candidate gets no conversation: write a share, or steps");
    }

    private static Catalog weighted(int old, int now, int third) {
        return catalog(
                "aliases.many.routes[0].slug",
                "old",
                "aliases.many.routes[0].weight",
                old,
                "aliases.many.routes[1].slug",
                "new",
                "aliases.many.routes[1].weight",
                now,
                "aliases.many.routes[2].slug",
                "third",
                "aliases.many.routes[2].weight",
                third);
    }

    private static double share(Map<Integer, String> slugs, String slug) {
        return 100.0 * slugs.values().stream().filter(slug::equals).count() / USERS;
    }

    /** Where each of many users' conversations goes. */
    private static Map<Integer, String> slugs(Catalog catalog, Tenant tenant) {
        Map<Integer, String> slugs = new HashMap<>();
        for (int user = 0; user < USERS; user++) {
            slugs.put(user, first(catalog, tenant, CONVERSATIONS.get(user)).slug());
        }
        return slugs;
    }

    private static Route first(Catalog catalog, Tenant tenant, RequestBody body) {
        return catalog.routes(tenant, body, HttpHeaders.EMPTY).getFirst();
    }

    private static Tenant tenant(String id) {
        return new Tenant(id, List.of("*"), Limits.NONE, Budget.NONE, 1, false, false);
    }

    private static Catalog catalog(Object... properties) {
        return new Catalog(properties(properties));
    }

    /** The alias {@code many} with these properties below {@code gateway.catalog}, each a name and a value. */
    private static CatalogProperties properties(Object... properties) {
        Map<String, Object> all = new HashMap<>();
        all.put("gateway.catalog.upstreams.deepseek.base-url", "http://127.0.0.1:1");
        all.put("gateway.catalog.upstreams.deepseek.api-key", "sk-1");
        all.put("gateway.catalog.aliases.many.slug", "stable");
        for (int i = 0; i < properties.length; i += 2) {
            String name = String.valueOf(properties[i]);
            all.put("gateway.catalog." + name, properties[i + 1]);
            if (name.startsWith("aliases.many.candidate")) {
                all.putIfAbsent("gateway.catalog.aliases.many.candidate.slug", "candidate");
            }
        }
        return new Binder(new MapConfigurationPropertySource(all))
                .bindOrCreate("gateway.catalog", CatalogProperties.class);
    }
}
