package io.deepgate;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The listener that hears secrets in all of the suite would hear them. */
class OverheardTests {

    @Test
    void hearsLogsAndOutput() {
        LoggerFactory.getLogger(OverheardTests.class).warn("Told on purpose: {}", Gateway.UPSTREAM_KEY);
        System.err.println("Told on purpose: " + Gateway.SEARCH.value());

        assertThat(Overheard.found())
                .hasSize(2)
                .anyMatch(text -> text.contains(Gateway.UPSTREAM_KEY))
                .anyMatch(text -> text.contains(Gateway.SEARCH.value()));
        assertThat(Overheard.found()).isEmpty();
    }

    @Test
    void hearsErrorsOfUpstreamsThatRepeatThePrompt() {
        String echo = "{\"error\":{\"message\":\"" + Overheard.CANARY + "\"}}";
        try (RawUpstream upstream = RawUpstream.start()
                        .answers(
                                "HTTP/1.1 422 No\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: "
                                        + echo.length() + "\r\n\r\n" + echo);
                Gateway gateway = Gateway.inFrontOf(upstream.baseUrl())) {
            gateway.chat("{\"model\":\"deepseek-flash\"}");
        }

        assertThat(Overheard.found())
                .singleElement()
                .asString()
                .startsWith("an error's answer")
                .contains("canary");
    }

    @Test
    void hearsMetersAndLedger() throws Exception {
        try (RawUpstream upstream = RawUpstream.start();
                Gateway gateway = Gateway.inFrontOf(upstream.baseUrl())) {
            gateway.chat("{\"model\":\"deepseek-flash\"}");
            gateway.meters().counter("told.on.purpose", "tenant", Gateway.MAIL.value());
            AtRest.within(
                    java.time.Duration.ofSeconds(10),
                    () -> Gateway.tablesOf(gateway.bean(DataSource.class)).contains("call"));
            try (Connection connection = gateway.bean(DataSource.class).getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE told (secret VARCHAR)");
                statement.execute("INSERT INTO told VALUES ('" + Overheard.CANARY + "')");
            }
        }

        List<String> found = Overheard.found();
        assertThat(found).anyMatch(text -> text.startsWith("a scrape")).anyMatch(text -> text.startsWith("the ledger"));
    }
}
