package io.deepgate;

import io.deepgate.access.ApiKey;
import io.deepgate.usage.CallRecord;
import io.deepgate.usage.RecordSink;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.FileSystemUtils;

/** A whole gateway in this JVM, on free ports, before the upstream that a test gives it. A test's properties override. */
public final class Gateway implements AutoCloseable {

    /** The key of the tenant {@code search}, which has no limits. */
    public static final ApiKey SEARCH = ApiKey.parse("dg-search1-0123456789abcdefghij0123456789abcdefghij");

    /** The key of the tenant {@code mail}, which has no limits. */
    public static final ApiKey MAIL = ApiKey.parse("dg-mail1-0123456789abcdefghij0123456789abcdefghij");

    /** The secret that no answer, log or meter may show. */
    public static final String UPSTREAM_KEY = "sk-upstream-0123456789abcdef3750";

    static final String TENANTS = """
            tenants:
              - { id: search, keys: [{ id: %s, sha256: %s }] }
              - { id: mail, keys: [{ id: %s, sha256: %s }] }
            """.formatted(SEARCH.id(), SEARCH.sha256Hex(), MAIL.id(), MAIL.sha256Hex());

    private final HttpClient client = HttpClient.newHttpClient();
    private final BlockingQueue<CallRecord> records = new LinkedBlockingQueue<>();
    private final Path directory = temporary();
    private final ConfigurableApplicationContext context;

    private Gateway(URI upstream, Path tenantsFile, String... properties) {
        List<String> all = new ArrayList<>(List.of(
                "server.port=0",
                "server.address=127.0.0.1",
                "management.server.port=0",
                "management.server.address=127.0.0.1",
                "spring.config.location=classpath:/application.yaml",
                "gateway.access.tenants-file=" + tenantsFile,
                "gateway.access.reload=100ms",
                "gateway.catalog.slug-check=0s",
                // A machine that tests is late all the time.
                "gateway.admission.capacity.lateness=0s",
                "gateway.forward.retries.most=0",
                "gateway.usage.directory=" + directory,
                "spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID() + ";MODE=PostgreSQL"
                        + ";DATABASE_TO_LOWER=TRUE;DEFAULT_NULL_ORDERING=HIGH",
                "spring.reactor.netty.shutdown-quiet-period=0ms",
                "gateway.catalog.user-id=pass",
                "gateway.watch.drain-timeout=0s",
                "gateway.catalog.upstreams.deepseek.base-url=" + upstream,
                "gateway.catalog.upstreams.deepseek.api-key=" + UPSTREAM_KEY));
        all.addAll(List.of(properties));
        // Given twice, Boot would take both for a list: the later one counts.
        Map<String, String> latest = new LinkedHashMap<>();
        all.forEach(property -> latest.put(property.substring(0, property.indexOf('=')), "--" + property));
        context = new SpringApplicationBuilder(DeepgateApplication.class)
                .initializers(c -> ((GenericApplicationContext) c)
                        .registerBean("testRecords", RecordSink.class, () -> records::add))
                .logStartupInfo(false)
                .run(latest.values().toArray(String[]::new));
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("usage");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A gateway with the tenants {@code search} and {@code mail}. */
    public static Gateway inFrontOf(URI upstream, String... properties) {
        return with(TENANTS, upstream, properties);
    }

    /** A gateway with the given tenants file. */
    public static Gateway with(String tenants, URI upstream, String... properties) {
        try {
            Path file = Files.createTempFile("tenants", ".yaml");
            file.toFile().deleteOnExit();
            return new Gateway(upstream, Files.writeString(file, tenants), properties);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where OpenAI's clients point. */
    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + port() + "/v1");
    }

    public int port() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    public int managementPort() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.management.port"));
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public MeterRegistry meters() {
        return bean(MeterRegistry.class);
    }

    /** {@code limit}, {@code in.use} or {@code queued} of a slug's concurrency, at all upstreams together. */
    public double concurrency(String name, String slug) {
        return meters().find("gateway.forward.concurrency." + name).tag("model", slug).gauges().stream()
                .mapToDouble(Gauge::value)
                .sum();
    }

    /** What Prometheus would read. */
    public String prometheus() {
        URI uri = URI.create("http://127.0.0.1:" + managementPort() + "/actuator/prometheus");
        return send(HttpRequest.newBuilder(uri).build()).body();
    }

    /** The next call record; waits for it, at most 10 s. */
    public CallRecord record() {
        try {
            CallRecord call = records.poll(10, TimeUnit.SECONDS);
            if (call == null) {
                throw new AssertionError("no call record came");
            }
            return call;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Records that came and were not asked for. */
    public int unreadRecords() {
        return records.size();
    }

    /** Posts a chat completion as {@code search} and waits for the whole answer. */
    public HttpResponse<String> chat(String body) {
        return send(request("/chat/completions", SEARCH)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build());
    }

    /** A request as the key's tenant, of JSON. */
    public HttpRequest.Builder request(String path, ApiKey key) {
        return HttpRequest.newBuilder(URI.create(baseUrl() + path))
                .header("authorization", "Bearer " + key.value())
                .header("content-type", "application/json");
    }

    public HttpResponse<String> send(HttpRequest request) {
        return send(request, HttpResponse.BodyHandlers.ofString());
    }

    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body) {
        try {
            HttpResponse<T> answer = client.send(request, body);
            if (answer.statusCode() >= 400) {
                Overheard.hear("an error's answer", answer.headers().map() + "\n" + answer.body());
            }
            return answer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Has what it leaves behind looked through for secrets, before it is gone. */
    private void tell() {
        try {
            Overheard.hear("a scrape", prometheus());
            DataSource ledger = bean(DataSource.class);
            for (String table : tablesOf(ledger)) {
                Overheard.hear(
                        "the ledger",
                        JdbcClient.create(ledger)
                                .sql("SELECT * FROM " + table + " LIMIT 10000")
                                .query()
                                .listOfRows()
                                .toString());
            }
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    Overheard.hear("the journal", Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        } catch (IOException | RuntimeException e) {
            // A test has stopped it, or its database, before.
        }
    }

    /** The names of its tables. */
    static List<String> tablesOf(DataSource ledger) {
        return JdbcClient.create(ledger)
                .sql("SELECT table_name FROM information_schema.tables WHERE lower(table_schema) = 'public'")
                .query(String.class)
                .list();
    }

    @Override
    public void close() {
        tell();
        client.close();
        context.close();
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
