package io.deepgate.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class ModelListTests {

    private final ModelList models = new ModelList(Instant.ofEpochSecond(1_700_000_000));

    @Test
    void writesOneModel() {
        assertThat(new String(models.model("fast"), UTF_8))
                .isEqualTo("{\"id\":\"fast\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"deepseek\"}");
    }

    @Test
    void writesAListInOrder() {
        var list = JsonMapper.shared().readTree(models.list(List.of("z\"é", "a")));

        assertThat(list.get("object").stringValue()).isEqualTo("list");
        assertThat(list.get("data").valueStream().map(model -> model.get("id").stringValue()))
                .containsExactly("z\"é", "a");
        assertThat(list.at("/data/1/created").longValue()).isEqualTo(1_700_000_000);
    }

    @Test
    void writesAnEmptyList() {
        assertThat(new String(models.list(List.of()), UTF_8)).isEqualTo("{\"object\":\"list\",\"data\":[]}");
    }
}
