package io.deepgate.usage;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.ContextBase;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;
import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.boot.logging.structured.ElasticCommonSchemaProperties;
import org.springframework.boot.logging.structured.StructuredLogFormatter;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Log lines in the Elastic Common Schema, as Spring Boot's {@code ecs} writes them. The lines of calls, which are nearly
 * all, are written here for less than a fifth of what they cost there, and several at once where they follow one another;
 * to be named by {@code logging.structured.format.console}.
 */
public final class EcsLines implements StructuredLogFormatter<ILoggingEvent> {

    private static final JsonFactory JSON = new JsonFactory();
    private static final String VERSION = "8.11";
    private static final byte[] NOTHING = {};
    private static final int MOST_HELD = 16_384;

    /** A pair's name: the objects it is in, with a dot behind each, and what it is called there. */
    private record Name(String within, String last) {

        private static Name of(String name) {
            int last = name.lastIndexOf('.') + 1;
            return new Name(name.substring(0, last), name.substring(last));
        }
    }

    private final Map<String, Name> names = new HashMap<>();
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(1024);
    private final ByteArrayOutputStream held = new ByteArrayOutputStream(MOST_HELD);

    private final StructuredLogEncoder library = new StructuredLogEncoder();
    private final ElasticCommonSchemaProperties.Service service;
    private final @Nullable Long pid;

    /** Made by Spring Boot, with the environment that says what the service is. */
    public EcsLines(Environment environment) {
        pid = environment.getProperty("spring.application.pid", Long.class);
        service = ElasticCommonSchemaProperties.get(environment).service();
        Context context = new ContextBase();
        context.putObject(Environment.class.getName(), environment);
        library.setContext(context);
        library.setFormat("ecs");
        library.start();
    }

    @Override
    public String format(ILoggingEvent event) {
        return new String(formatAsBytes(event, StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    @Override
    public byte[] formatAsBytes(ILoggingEvent event, Charset charset) {
        return event.getLoggerName().equals(CallLog.NAME) ? ofCall(event) : library.encode(event);
    }

    private synchronized byte[] ofCall(ILoggingEvent event) {
        write(event);
        held.writeBytes(line.toByteArray());
        if (CallLog.isFollowed() && held.size() < MOST_HELD) {
            return NOTHING;
        }
        byte[] lines = held.toByteArray();
        held.reset();
        return lines;
    }

    private void write(ILoggingEvent event) {
        line.reset();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), line)) {
            json.writeStartObject();
            json.writeStringProperty("@timestamp", event.getInstant().toString());
            json.writeObjectPropertyStart("log");
            json.writeStringProperty("level", event.getLevel().toString());
            json.writeStringProperty("logger", event.getLoggerName());
            json.writeEndObject();
            json.writeObjectPropertyStart("process");
            if (pid != null) {
                json.writeNumberProperty("pid", pid);
            }
            json.writeObjectPropertyStart("thread");
            json.writeStringProperty("name", event.getThreadName());
            json.writeEndObject();
            json.writeEndObject();
            service(json);
            json.writeStringProperty("message", event.getFormattedMessage());
            pairs(event.getKeyValuePairs(), json);
            json.writeObjectPropertyStart("ecs");
            json.writeStringProperty("version", VERSION);
            json.writeEndObject();
            json.writeEndObject();
        }
        line.write('\n');
    }

    private void service(JsonGenerator json) {
        json.writeObjectPropertyStart("service");
        optional("name", service.name(), json);
        optional("version", service.version(), json);
        optional("environment", service.environment(), json);
        json.writeObjectPropertyStart("node");
        optional("name", service.nodeName(), json);
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void optional(String name, @Nullable String value, JsonGenerator json) {
        if (StringUtils.hasLength(value)) {
            json.writeStringProperty(name, value);
        }
    }

    /** Names with dots are objects in objects; those of one object stand beside each other. */
    private void pairs(List<KeyValuePair> pairs, JsonGenerator json) {
        String within = "";
        for (KeyValuePair pair : pairs) {
            Name name = names.computeIfAbsent(pair.key, Name::of);
            go(within, name.within, json);
            within = name.within;
            json.writeName(name.last);
            value(pair.value, json);
        }
        go(within, "", json);
    }

    /** Closes and opens objects. */
    private static void go(String from, String to, JsonGenerator json) {
        if (from.equals(to)) {
            return;
        }
        int open = from.length();
        while (!to.regionMatches(0, from, 0, open)) {
            json.writeEndObject();
            open = from.lastIndexOf('.', open - 2) + 1;
        }
        for (int dot = to.indexOf('.', open); dot >= 0; dot = to.indexOf('.', open)) {
            json.writeObjectPropertyStart(to.substring(open, dot));
            open = dot + 1;
        }
    }

    private static void value(@Nullable Object value, JsonGenerator json) {
        switch (value) {
            case null -> json.writeNull();
            case Integer number -> json.writeNumber(number);
            case Long number -> json.writeNumber(number);
            case BigDecimal number -> json.writeNumber(number);
            case Boolean flag -> json.writeBoolean(flag);
            default -> json.writeString(value.toString());
        }
    }
}
