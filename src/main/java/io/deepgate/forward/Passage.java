package io.deepgate.forward;

import io.deepgate.catalog.Route;
import io.deepgate.catalog.UpstreamKey;

/**
 * What one attempt goes with.
 *
 * @param slot its place, until the answer is complete
 * @param permit the circuit breakers' leave, until there is content
 * @param trace its span, until the answer is complete
 */
record Passage(Route route, UpstreamKey key, Slot slot, Permit permit, AttemptTrace trace) {}
