package io.deepgate.watch;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Statistic;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/** Meters as they are now, added up by what their labels say. */
final class Figures {

    private final MeterRegistry registry;

    Figures(MeterRegistry registry) {
        this.registry = registry;
    }

    /** By one label; a meter without it is under nothing. */
    Map<String, Double> by(String label, String meter, Statistic statistic) {
        return by(id -> String.valueOf(id.getTag(label)), meter, statistic);
    }

    Map<String, Double> by(Function<Meter.Id, String> key, String meter, Statistic statistic) {
        Map<String, Double> sums = new HashMap<>();
        for (Meter one : registry.find(meter).meters()) {
            one.measure().forEach(measurement -> {
                if (measurement.getStatistic() == statistic) {
                    sums.merge(key.apply(one.getId()), measurement.getValue(), Double::sum);
                }
            });
        }
        return sums;
    }

    /** All of them together. */
    double sum(String meter, Statistic statistic) {
        return by(id -> meter, meter, statistic).getOrDefault(meter, 0.0);
    }
}
