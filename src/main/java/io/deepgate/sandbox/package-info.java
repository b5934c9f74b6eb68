/** What if there is no DeepSeek here? A local look-alike of it. */
@ApplicationModule(allowedDependencies = {"api"})
@NullMarked
package io.deepgate.sandbox;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
