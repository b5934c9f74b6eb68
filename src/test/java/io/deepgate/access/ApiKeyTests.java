package io.deepgate.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiKeyTests {

    @Test
    void takesTheIdFromBetweenTheFirstTwoHyphens() {
        ApiKey key = ApiKey.parse("dg-k7Qm2x-some-secret");

        assertThat(key.id()).isEqualTo("k7Qm2x");
        assertThat(key.value()).isEqualTo("dg-k7Qm2x-some-secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "dg",
                "dg-",
                "dg--",
                "dg--secret",
                "dg-id",
                "dg-id-",
                "DG-id-secret",
                " dg-id-secret",
                "sk-id-secret",
                "dgid-secret"
            })
    void isNoKeyInAnyOtherForm(String text) {
        assertThat(ApiKey.parse(text)).isNull();
    }

    @Test
    void hasAtMost200Characters() {
        String longest = "dg-id-" + "x".repeat(194);

        assertThat(ApiKey.parse(longest)).isNotNull();
        assertThat(ApiKey.parse(longest + "x")).isNull();
    }

    @Test
    void generatesKeysThatParseAndDiffer() {
        var keys = IntStream.range(0, 1000).mapToObj(i -> ApiKey.generate()).toList();

        assertThat(keys)
                .allSatisfy(key -> assertThat(ApiKey.parse(key.value())).isEqualTo(key))
                .allSatisfy(key -> assertThat(key.value()).matches("dg-[A-Za-z][A-Za-z2-9]{5}-[A-Za-z2-9]{40}"));
        assertThat(keys).extracting(key -> key.value().substring(10)).doesNotHaveDuplicates();
    }

    @Test
    void digestsTheWholeKey() {
        // printf dg-test-secret | sha256sum
        assertThat(ApiKey.parse("dg-test-secret").sha256Hex())
                .isEqualTo("285553a3ddaace194138262065ee8591eefb5fda0aaaf8f115dfe3e8ee13640f");
    }

    @Test
    void showsNoSecret() {
        assertThat(ApiKey.parse("dg-id-secret")).hasToString("ApiKey[id]");
        assertThat(ApiKeyAuthentication.unchecked(ApiKey.parse("dg-id-secret")).toString())
                .doesNotContain("secret");
    }
}
