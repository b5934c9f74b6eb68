/** What would the candidate have said? A sample of calls is asked of it too, behind the client's back and after its answer. */
@ApplicationModule(allowedDependencies = {"access", "admission", "api", "catalog", "forward", "relay"})
@NullMarked
package io.deepgate.shadow;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
