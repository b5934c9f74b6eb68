/** What did it cost? Call records and their meters. */
@ApplicationModule(allowedDependencies = {"access", "admission", "api", "catalog", "relay"})
@NullMarked
package io.deepgate.usage;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
