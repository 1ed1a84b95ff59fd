/**
 * Decides: the events that follow from a command in the state of an execution.
 *
 * <p>Way in: {@link io.turboprop.workflow.decide.WorkflowMachine}. Way out: a {@link
 * io.turboprop.workflow.decide.Decision}, and the {@link io.turboprop.workflow.decide.Work} that
 * should be under way.
 *
 * <p>The package is pure. It knows {@code plan}, {@code state} and {@code data}; it knows no actor,
 * clock or store.
 */
@NullMarked
package io.turboprop.workflow.decide;

import org.jspecify.annotations.NullMarked;
