package io.deepgate.watch;

import java.net.InetAddress;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.convert.ConversionFailedException;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/** What a property takes, where what it was given is something else. */
final class Wanted {

    private static final Map<Class<?>, String> SENTENCES = Map.of(
            Boolean.class, "is neither true nor false",
            Duration.class, "is not a valid duration: write one such as 500ms, 30s or 5m",
            DataSize.class, "is no size: write one such as 64KB or 10MB",
            InetAddress.class, "is no address that is known here: write one such as 127.0.0.1",
            Class.class, "is no class that is in the jar: leave it out",
            Charset.class, "is no charset: write UTF-8");

    private Wanted() {}

    /** What is said of the value that could not be read. */
    static @Nullable String instead(ConversionFailedException failure) {
        Class<?> type =
                ClassUtils.resolvePrimitiveIfNecessary(failure.getTargetType().getType());
        String value = "'" + failure.getValue() + "' ";
        if (type.isEnum()) {
            return value + "is none of " + names(type);
        }
        if (Number.class.isAssignableFrom(type)) {
            return value + "is no number that fits here: write one";
        }
        String sentence = SENTENCES.get(type);
        return sentence == null ? null : value + sentence;
    }

    /** The constants of an enum as configuration has them. */
    private static String names(Class<?> type) {
        return Stream.of(type.getEnumConstants())
                .map(constant -> constant.toString().toLowerCase(Locale.ROOT).replace('_', '-'))
                .collect(Collectors.joining(", "));
    }
}
