/** Composes the packages; each of them is one step on the path of a call, in alphabetical order. */
@NullMarked
package io.deepgate;

import org.jspecify.annotations.NullMarked;
