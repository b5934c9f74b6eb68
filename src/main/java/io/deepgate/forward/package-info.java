/** Where does it go, and is that safe? HTTP client, breakers, limits, retries and timers. */
@ApplicationModule(allowedDependencies = {"access", "api", "catalog"})
@NullMarked
package io.deepgate.forward;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
