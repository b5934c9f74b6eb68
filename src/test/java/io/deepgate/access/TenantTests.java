package io.deepgate.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TenantTests {

    @Test
    void mayCallWhatIsNamed() {
        Tenant tenant = tenant("fast", "deepseek-v4-pro");

        assertThat(tenant.mayCall("fast")).isTrue();
        assertThat(tenant.mayCall("deepseek-v4-pro")).isTrue();
        assertThat(tenant.mayCall("deepseek-v4")).isFalse();
        assertThat(tenant.mayCall("faster")).isFalse();
        assertThat(tenant.mayCall("FAST")).isFalse();
        assertThat(tenant.mayCall("")).isFalse();
    }

    @Test
    void mayCallAnyEndingForAStar() {
        Tenant tenant = tenant("deepseek-*");

        assertThat(tenant.mayCall("deepseek-flash")).isTrue();
        assertThat(tenant.mayCall("deepseek-")).isTrue();
        assertThat(tenant.mayCall("deepseek")).isFalse();
        assertThat(tenant.mayCall("my-deepseek-flash")).isFalse();
    }

    @Test
    void takesAStarElsewhereByItsLetter() {
        assertThat(tenant("deep*flash").mayCall("deepseek-flash")).isFalse();
        assertThat(tenant("deep*flash").mayCall("deep*flash")).isTrue();
    }

    @Test
    void mayCallEverythingOrNothing() {
        assertThat(tenant("*").mayCall("anything")).isTrue();
        assertThat(tenant().mayCall("anything")).isFalse();
    }

    @Test
    void refusesLimitsBelowOne() {
        assertThatThrownBy(() -> new Limits(0L, null, null)).hasMessageStartingWith("requests-per-minute is 0: write");
        assertThatThrownBy(() -> new Limits(null, -1L, null)).hasMessageStartingWith("tokens-per-minute is -1: write");
        assertThatThrownBy(() -> new Limits(null, null, 0L)).hasMessageStartingWith("concurrent-requests is 0: write");
        assertThat(new Limits(1L, 1L, 1L)).isNotEqualTo(Limits.NONE);
    }

    private static Tenant tenant(String... models) {
        return new Tenant("search", List.of(models), Limits.NONE, Budget.NONE, 1, false, false);
    }
}
