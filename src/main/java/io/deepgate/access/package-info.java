/** Who is calling? An API key becomes a tenant. */
@ApplicationModule(allowedDependencies = {})
@NullMarked
package io.deepgate.access;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
