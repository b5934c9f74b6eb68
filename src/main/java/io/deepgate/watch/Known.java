package io.deepgate.watch;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * What is read below a property.
 *
 * @param name the last part of the property, as it is documented
 * @param parts what is read by name, by names without hyphens
 * @param each what is read under any name, as in a map, or any number, as in a list; null where that is nothing
 */
record Known(
        String name, Map<String, Known> parts, @Nullable Known each) {

    private static final String PREFIX = "prefix";

    /** All that the types below {@code home} are bound to. */
    static Known in(Package home) {
        Known all = named("");
        var types = new ClassPathScanningCandidateComponentProvider(false);
        types.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
        for (BeanDefinition found : types.findCandidateComponents(home.getName())) {
            all.add(ClassUtils.resolveClassName(String.valueOf(found.getBeanClassName()), null));
        }
        return all;
    }

    private void add(Class<?> type) {
        Known at = this;
        String prefix =
                MergedAnnotations.from(type).get(ConfigurationProperties.class).getString(PREFIX);
        for (String part : StringUtils.delimitedListToStringArray(prefix, ".")) {
            at = at.parts.computeIfAbsent(uniform(part), uniform -> named(part));
        }
        at.parts.putAll(of("", type).parts);
    }

    private static Known of(String name, Type type) {
        if (type instanceof ParameterizedType collection) {
            Type[] arguments = collection.getActualTypeArguments();
            return new Known(name, Map.of(), of("", arguments[arguments.length - 1]));
        }
        Known known = named(name);
        if (type instanceof Class<?> part && part.isRecord()) {
            for (RecordComponent component : part.getRecordComponents()) {
                String dashed = DataObjectPropertyName.toDashedForm(component.getName());
                known.parts.put(uniform(dashed), of(dashed, component.getGenericType()));
            }
        }
        return known;
    }

    private static Known named(String name) {
        return new Known(name, new LinkedHashMap<>(), null);
    }

    private static String uniform(String part) {
        return part.replace("-", "");
    }

    /** What is read under {@code name}, which has no hyphens and no capitals; null for nothing. */
    @Nullable
    Known part(String name) {
        return parts.getOrDefault(name, each);
    }

    /** Whether it has one value and nothing below. */
    boolean isValue() {
        return parts.isEmpty() && each == null;
    }
}
