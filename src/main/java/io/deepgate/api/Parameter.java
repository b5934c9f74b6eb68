package io.deepgate.api;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a chat request may ask for and not every model or upstream heeds. Their bits are in journals. */
public enum Parameter {
    /** {@code n} other than 1. */
    N(1 << 0),
    /** {@code response_format} of the type {@code json_schema}. */
    JSON_SCHEMA(1 << 1),
    /** A {@code tool_choice} that leaves the model no choice. */
    FORCED_TOOL(1 << 2),
    USER(1 << 3),
    METADATA(1 << 4),
    SEED(1 << 5),
    LOGIT_BIAS(1 << 6),
    PARALLEL_TOOL_CALLS(1 << 7),
    STORE(1 << 8),
    SERVICE_TIER(1 << 9),
    /** This and those below only where the caller does not keep the model from thinking. */
    TEMPERATURE(1 << 10),
    TOP_P(1 << 11),
    PRESENCE_PENALTY(1 << 12),
    FREQUENCY_PENALTY(1 << 13);

    private static final Map<String, Parameter> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Parameter::label, Function.identity()));

    private final String label = name().toLowerCase(Locale.ROOT);
    private final int bit;

    Parameter(int bit) {
        this.bit = bit;
    }

    /** Its name in requests, in the ledger and in reports. */
    public String label() {
        return label;
    }

    /** The parameter that is called {@code label}, or null for none. */
    public static @Nullable Parameter of(String label) {
        return BY_NAME.get(label);
    }

    /** Those whose bits are in {@code bits}. */
    public static List<Parameter> in(int bits) {
        return Arrays.stream(values()).filter(one -> (bits & one.bit) != 0).toList();
    }

    /** The one bit that stands for it. */
    public int bit() {
        return bit;
    }
}
