package io.deepgate.watch;

import io.deepgate.usage.UsageReport;
import java.util.function.Function;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.StandardEnvironment;

/** The ledger as commands read it: configured as the gateway's, beside one that runs or without. */
final class OpenLedger {

    private static final String URL = "spring.datasource.url";

    /** It is not there, or does not answer. */
    static final class UnreadableException extends RuntimeException {

        private UnreadableException(Throwable cause) {
            super(
                    "The ledger cannot be read: "
                            + NestedExceptionUtils.getMostSpecificCause(cause).getMessage(),
                    cause);
        }
    }

    private OpenLedger() {}

    /** @throws UnreadableException saying why */
    static <T> T read(Class<?> application, Function<UsageReport, T> reading) {
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .lazyInitialization(true)
                .logStartupInfo(false)
                .properties("logging.level.root=off", "logging.level.org.springframework.boot.diagnostics=off")
                .run("--" + URL + "=" + existing())) {
            return reading.apply(context.getBean(UsageReport.class));
        } catch (RuntimeException e) {
            throw new UnreadableException(e);
        }
    }

    /** Reading makes no file that was not there. */
    private static String existing() {
        String url = Settings.readAgain(new StandardEnvironment()).getRequiredProperty(URL);
        return url.startsWith("jdbc:h2:file:") ? url + ";IFEXISTS=TRUE" : url;
    }
}
