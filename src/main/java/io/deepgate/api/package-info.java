/** What do they ask, in wire terms? Reading requests, writing errors and server-sent events. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.deepgate.api;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
