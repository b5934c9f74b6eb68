package io.deepgate.usage;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.ContextBase;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
 * all, are written here for a fifth of what they cost there; to be named by {@code logging.structured.format.console}.
 */
public final class EcsLines implements StructuredLogFormatter<ILoggingEvent> {

    private static final JsonFactory JSON = new JsonFactory();
    private static final String VERSION = "8.11";

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

    private byte[] ofCall(ILoggingEvent event) {
        var out = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
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
        out.write('\n');
        return out.toByteArray();
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
    private static void pairs(List<KeyValuePair> pairs, JsonGenerator json) {
        String within = "";
        for (KeyValuePair pair : pairs) {
            String name = pair.key;
            within = closeUntil(name, within, json);
            for (int dot = name.indexOf('.', within.length()); dot >= 0; dot = name.indexOf('.', dot + 1)) {
                json.writeObjectPropertyStart(name.substring(within.length(), dot));
                within = name.substring(0, dot + 1);
            }
            json.writeName(name.substring(within.length()));
            value(pair.value, json);
        }
        closeUntil("", within, json);
    }

    /** Closes objects until {@code name} is in the one that is open, and returns which that is, with a dot behind it. */
    private static String closeUntil(String name, String within, JsonGenerator json) {
        String left = within;
        while (!name.startsWith(left)) {
            json.writeEndObject();
            left = left.substring(0, left.lastIndexOf('.', left.length() - 2) + 1);
        }
        return left;
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
