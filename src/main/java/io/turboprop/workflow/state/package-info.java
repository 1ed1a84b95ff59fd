/**
 * The events of one execution and the state that follows from them.
 *
 * <p>Way in: {@link io.turboprop.workflow.state.EventApplier}, which applies one event. Way out:
 * {@link io.turboprop.workflow.state.WorkflowState}, immutable.
 *
 * <p>The package knows {@code plan} and {@code data}; it knows no rule, clock or actor.
 */
@NullMarked
package io.turboprop.workflow.state;

import org.jspecify.annotations.NullMarked;
