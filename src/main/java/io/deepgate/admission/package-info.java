/** May they call now? Requests, tokens, concurrency and budget, claimed before the call and settled after it. */
@ApplicationModule(allowedDependencies = {"access"})
@NullMarked
package io.deepgate.admission;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
