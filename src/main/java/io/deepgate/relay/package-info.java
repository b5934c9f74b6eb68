/** What comes back? Bytes to the client, a meter beside them. */
@ApplicationModule(allowedDependencies = {"api", "forward"})
@NullMarked
package io.deepgate.relay;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
