/**
 * Stored executions as the engine itself uses them: what an entity is loaded from, what a recovery
 * finds of an earlier execution, child executions, plans that dynamic nodes have made, and the
 * files that retention deletes.
 *
 * <p>Way in: the interfaces of {@code workflow.entity}, {@code cluster}, {@code node} and {@code
 * store} that its classes implement. Way out: rows of {@code store}, the blob store, and the API's
 * launcher for children. It knows no actor and no client.
 */
@NullMarked
package io.turboprop.execution;

import org.jspecify.annotations.NullMarked;
