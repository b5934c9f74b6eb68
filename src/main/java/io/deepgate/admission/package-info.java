/** May they call now? Requests, tokens and concurrency, claimed before the call and settled after it. */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.deepgate.admission;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
