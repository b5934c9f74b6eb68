/** What does the call become? Alias to slug, upstream, key and price. */
@ApplicationModule(allowedDependencies = {"access", "api"})
@NullMarked
package io.deepgate.catalog;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
