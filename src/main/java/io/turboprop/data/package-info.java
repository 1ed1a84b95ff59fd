/**
 * The data of executions: identifiers, literals, bindings, errors, the blob store and Flyte's
 * layout of it.
 *
 * <p>Way in: {@link io.turboprop.data.Literals}, {@link io.turboprop.data.Binding} and {@link
 * io.turboprop.data.DataStore}. Way out: immutable values and bytes in a store. It wraps flyteidl's
 * literal messages so that the pure packages need not see them, and knows nothing of executions'
 * states, actors or databases.
 */
@NullMarked
package io.turboprop.data;

import org.jspecify.annotations.NullMarked;
