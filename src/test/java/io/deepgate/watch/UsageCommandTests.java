package io.deepgate.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.deepgate.DeepgateApplication;
import io.deepgate.usage.LedgerFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class UsageCommandTests {

    @TempDir
    private Path folder;

    private final Properties before = (Properties) System.getProperties().clone();

    @BeforeEach
    void configures() {
        System.setProperty("spring.config.location", "classpath:/application.yaml");
        System.setProperty("gateway.usage.directory", folder.toString());
    }

    @AfterEach
    void restores() {
        System.setProperties(before);
    }

    @Test
    void printsAMonthBesideAGatewayThatHasTheFileOpen(CapturedOutput output) {
        try (LedgerFile ledger = LedgerFile.in(folder)) {
            ledger.add("search", "2026-11-01T00:00:00Z", 10, 20, 30, 1_234_567_890L);
            ledger.add("search", "2026-11-30T23:59:59Z", 1, 2, 3, 10L);
            ledger.add("mail", "2026-11-15T12:00:00Z", 1, 1, 1, null);
            ledger.add("mail", "2026-12-01T00:00:00Z", 1, 1, 1, 10L);

            assertThat(run("usage", "--month", "2026-11", "--csv")).isZero();
        }

        assertThat(output.getOut()).endsWith("""
                tenant,model,calls,input_cached,input_uncached,output,reasoning,cost_usd,unpriced_calls,estimated_calls,estimated_tokens,estimated_cost_usd
                mail,deepseek-flash,1,1,1,1,0,0.000000000,1,0,0,0.000000000
                search,deepseek-flash,2,11,22,33,0,1.234567900,0,0,0,0.000000000
                """);
    }

    @Test
    void comparesAMonthWithTheUpstreamsOwnFigures(CapturedOutput output) throws Exception {
        Path export = Files.writeString(folder.resolve("export.csv"), """
                Model,Date,Output Tokens,input_cache_hit_tokens,input_cache_miss_tokens,amount
                deepseek-flash,2026-11-01,30,10,15,1.2
                deepseek-flash,2026-11-02,7,0,0,0.01
                deepseek-flash,2026-12-01,7,0,0,0.01
                """);
        try (LedgerFile ledger = LedgerFile.in(folder)) {
            ledger.add("search", "2026-11-01T00:00:00Z", 10, 20, 30, 1_234_567_890L);
        }

        assertThat(run("usage", "reconcile", "--month", "2026-11", "--file", export.toString()))
                .isZero();

        assertThat(output.getOut().lines().map(line -> line.strip().replaceAll(" +", ",")))
                .containsSequence(
                        "day,model,ledger_cached,ledger_uncached,ledger_output,ledger_usd,difference_cached,"
                                + "difference_uncached,difference_output,difference_usd,estimated_share",
                        "2026-11-01,deepseek-flash,10,20,30,1.234567890,0,5,0,0.034567890,0.000",
                        "2026-11-02,deepseek-flash,0,0,0,0.000000000,0,0,-7,-0.010000000,0.000");
    }

    @Test
    void readsExportsWithARowForEachKindOfTokens(CapturedOutput output) throws Exception {
        Path export = Files.writeString(folder.resolve("export.csv"), """
                user_id,utc_date,model,api_key_name,type,price,amount
                1,2026-11-01,deepseek-flash,gateway,input_cache_hit_tokens,0.000000003,10
                1,2026-11-01,deepseek-flash,gateway,input_cache_miss_tokens,0.00000015,20
                1,2026-11-01,deepseek-flash,gateway,output_tokens,0.0000006,29
                1,2026-11-01,deepseek-flash,gateway,request_count,,1
                """);
        try (LedgerFile ledger = LedgerFile.in(folder)) {
            ledger.add("search", "2026-11-01T00:00:00Z", 10, 20, 30, 21_030L);
        }

        assertThat(run("usage", "reconcile", "--month", "2026-11", "--file", export.toString()))
                .isZero();

        assertThat(output.getOut().lines().map(line -> line.strip().replaceAll(" +", ",")))
                .contains("2026-11-01,deepseek-flash,10,20,30,0.000021030,0,0,1,0.000000600,0.000");
    }

    @Test
    void namesAColumnThatIsMissing(CapturedOutput output) throws Exception {
        Path export = Files.writeString(folder.resolve("export.csv"), "date,model\n2026-11-01,deepseek-flash\n");

        assertThat(run("usage", "reconcile", "--month", "2026-11", "--file", export.toString()))
                .isOne();

        assertThat(output.getErr()).contains("there is no column input_cached or input_cache_hit_tokens");
    }

    @Test
    void saysThatTheLedgerCannotBeRead(CapturedOutput output) {
        System.setProperty("spring.datasource.url", "jdbc:postgresql://127.0.0.1:1/none");

        assertThat(run("usage", "--month", "2026-11")).isOne();

        assertThat(output.getErr()).startsWith("The ledger cannot be read: ").doesNotContain("\tat ");
    }

    private static int run(String... args) {
        return Commands.run(DeepgateApplication.class, args);
    }
}
