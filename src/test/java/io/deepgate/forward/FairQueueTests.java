package io.deepgate.forward;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FairQueueTests {

    private final FairQueue<String> queue = new FairQueue<>();

    @Test
    void isEmptyAtFirst() {
        assertThat(queue.next()).isNull();
        assertThat(queue.size()).isZero();
    }

    @Test
    void letsATenantsInByArrival() {
        add("a", 1, 3);

        assertThat(taken(4)).containsExactly("a0", "a1", "a2", null);
    }

    @Test
    void letsTheFirstOfAnotherTenantInNext() {
        add("a", 1, 1000);
        taken(500);
        add("b", 1, 2);

        assertThat(taken(4)).containsExactly("b0", "a500", "b1", "a501");
    }

    @Test
    void givesATenantThatWasAwayNothingForThat() {
        add("a", 1, 10);
        add("b", 1, 1);
        taken(8);
        add("b", 1, 3);

        assertThat(taken(5)).containsExactly("b0", "a7", "b1", "a8", "b2");
    }

    @Test
    void doesNotLetATenantOvertakeByComingOneByOne() {
        add("a", 1, 10);
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            if (!taken.isEmpty() && !taken.getLast().startsWith("b")) {
                queue.add("b", 1, "b" + i);
            }
            taken.add(queue.next());
        }
        assertThat(taken.stream().filter(item -> item.startsWith("a"))).hasSizeGreaterThanOrEqualTo(5);
    }

    @Test
    void letsInByWeight() {
        add("a", 3, 300);
        add("b", 1, 300);

        assertThat(taken(200).stream().filter(item -> item.startsWith("a"))).hasSizeBetween(149, 151);
    }

    @Test
    void letsInByWeightWhatEverTheWeights() {
        Random random = new Random(7);
        for (int round = 0; round < 50; round++) {
            FairQueue<String> queue = new FairQueue<>();
            Map<String, Integer> weights = new HashMap<>();
            for (int tenant = 0; tenant < 5; tenant++) {
                weights.put("t" + tenant, 1 + random.nextInt(9));
            }
            weights.forEach((tenant, weight) -> {
                for (int i = 0; i < 500; i++) {
                    queue.add(tenant, weight, tenant + "-" + i);
                }
            });
            int sum = weights.values().stream().mapToInt(Integer::intValue).sum();
            Map<String, Integer> taken = new HashMap<>();
            for (int i = 0; i < sum * 10; i++) {
                taken.merge(queue.next().split("-")[0], 1, Integer::sum);
            }
            weights.forEach((tenant, weight) -> assertThat(taken.get(tenant))
                    .as("%s of %s", tenant, weights)
                    .isBetween(weight * 10 - 1, weight * 10 + 1));
        }
    }

    @Test
    void forgetsWhoLeaves() {
        add("a", 1, 3);
        queue.remove("a", "a1");
        queue.remove("a", "a1");
        queue.remove("nobody", "a1");
        assertThat(queue.size()).isEqualTo(2);
        assertThat(taken(3)).containsExactly("a0", "a2", null);

        add("a", 1, 1);
        queue.remove("a", "a0");
        assertThat(queue.size()).isZero();
        assertThat(queue.next()).isNull();
    }

    @Test
    void pushesTheNewestOfTheLongestLineOut() {
        add("a", 1, 5);
        add("b", 1, 2);

        assertThat(queue.pushOut("b", 1)).isEqualTo("a4");
        assertThat(queue.pushOut("c", 1)).isEqualTo("a3");
        assertThat(queue.size()).isEqualTo(5);
    }

    @Test
    void pushesNobodyOutForTheLongestLine() {
        add("a", 1, 5);
        add("b", 1, 4);

        assertThat(queue.pushOut("a", 1)).isNull();
        assertThat(queue.pushOut("b", 1)).as("it would be as long").isNull();
        assertThat(queue.size()).isEqualTo(9);
    }

    @Test
    void measuresLinesByWeight() {
        add("a", 10, 50);
        add("b", 1, 6);

        assertThat(queue.pushOut("c", 1)).isEqualTo("b5");
    }

    private void add(String tenant, int weight, int count) {
        for (int i = 0; i < count; i++) {
            queue.add(tenant, weight, tenant + i);
        }
    }

    private List<String> taken(int count) {
        List<String> taken = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            taken.add(queue.next());
        }
        return taken;
    }
}
