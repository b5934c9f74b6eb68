/** Who is watching? The greeting, health, drain and the operator's commands. */
@ApplicationModule(
        allowedDependencies = {"access", "admission", "api", "catalog", "forward", "relay", "sandbox", "shadow", "usage"
        })
@NullMarked
package io.deepgate.watch;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;
