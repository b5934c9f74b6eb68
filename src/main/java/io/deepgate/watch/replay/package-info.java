/** Would another model do as well? A team's own cases, asked of two models. */
@NullMarked
package io.deepgate.watch.replay;

import org.jspecify.annotations.NullMarked;
