/**
 * Stored executions, as the engine itself uses them: the data that an entity is loaded from, plans,
 * the inputs of nodes, the results of earlier executions for a recovery, child executions, dynamic
 * plans, and the files that retention deletes.
 *
 * <p>Way in: the interfaces of {@code workflow.entity}, {@code cluster}, {@code node} and {@code
 * store} that its classes implement, and the readers that the API shares: {@link
 * io.turboprop.execution.ExecutionPlans}, {@link io.turboprop.execution.NodeInputs}, {@link
 * io.turboprop.execution.ValuesReader}. Way out: rows of {@code store}, the blob store, and {@link
 * io.turboprop.execution.ChildLauncher}, through which the API launches children. It knows no
 * actor, no client and nothing of the API.
 */
@NullMarked
package io.turboprop.execution;

import org.jspecify.annotations.NullMarked;
