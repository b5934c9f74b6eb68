package io.deepgate.watch.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** What answers can be held to. */
class CheckTests {

    private static final String SCHEMA =
            "{'json_schema':{'type':'object','properties':{'n':{'type':'integer'}},'required':['n']}}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'contains':'Paris'} | It is Paris. | ",
                "{'contains':'Paris'} | It is Rome. | does not contain \"Paris\"",
                "{'contains':['Paris','Rome']} | It is Rome. | does not contain \"Paris\"",
                "{'exact':'yes'} | ` yes\n` | ",
                "{'exact':'yes'} | Yes | is not exactly \"yes\"",
                "{'regex':'^[0-9]+$'} | 42 | ",
                "{'regex':'^[0-9]+$'} | 4 2 | does not match /^[0-9]+$/",
                "{'max_tokens':7} | seven | ",
                "{'max_tokens':6} | seven | has more than 6 tokens",
                "{'tool_called':'look'} | seen | ",
                "{'tool_called':'hear'} | seen | does not call hear",
                "{} | ok | "
            })
    void hold(String checks, String text, String failure) {
        assertThat(failures(checks, text)).isEqualTo(failure == null ? List.of() : List.of(failure));
    }

    @Test
    void holdAnswersToASchema() {
        assertThat(failures(SCHEMA, "{\"n\": 5}")).isEmpty();
        assertThat(failures(SCHEMA, "five")).containsExactly("is no JSON");
        assertThat(failures(SCHEMA, "{\"n\": \"5\"}"))
                .singleElement()
                .asString()
                .startsWith("does not fit the schema: /n: ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'contians':'x'} | the check 'contians' is none of contains, regex, json_schema, tool_called, max_tokens, exact",
                "{'regex':'['} | the regex '[' is none: Unclosed character class",
                "{'json_schema':{'$ref':'http://127.0.0.1:1/x'}} | the json_schema is none"
            })
    void areRefusedWhereTheyAreNone(String checks, String reason) {
        assertThatThrownBy(() -> failures(checks, "x")).hasMessageStartingWith(reason);
    }

    private static List<String> failures(String checks, String text) {
        Reply reply = new Reply(text, List.of("look"), "stop", 0, 0, 7);
        return Check.of(JsonMapper.shared().readTree(checks.replace('\'', '"'))).stream()
                .map(check -> check.finding().apply(reply))
                .filter(Objects::nonNull)
                .toList();
    }
}
