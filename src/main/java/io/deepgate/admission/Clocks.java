package io.deepgate.admission;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The two clocks of limits.
 *
 * @param nanos a monotonic one, for buckets
 * @param wall the calendar's, for budgets
 */
record Clocks(LongSupplier nanos, InstantSource wall) {

    static final Clocks SYSTEM = new Clocks(System::nanoTime, InstantSource.system());
}
