/**
 * Stored executions as the engine itself uses them: what an entity is loaded from, their plans, the
 * inputs of their nodes, what a recovery finds of an earlier execution, child executions, plans
 * that dynamic nodes have made, and the files that retention deletes.
 *
 * <p>Way in: the interfaces of {@code workflow.entity}, {@code cluster}, {@code node} and {@code
 * store} that its classes implement, and the readers that the API shares: {@link
 * io.turboprop.execution.ExecutionPlans}, {@link io.turboprop.execution.NodeInputs}, {@link
 * io.turboprop.execution.ValuesReader}. Way out: rows of {@code store}, the blob store, and {@link
 * io.turboprop.execution.ChildLauncher}, by which the API launches children. It knows no actor, no
 * client and nothing of the API.
 */
@NullMarked
package io.turboprop.execution;

import org.jspecify.annotations.NullMarked;
