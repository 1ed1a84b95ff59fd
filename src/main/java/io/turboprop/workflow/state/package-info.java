/**
 * What has happened to one execution: the events of its journal and the state that they make.
 *
 * <p>Way in: {@link io.turboprop.workflow.state.EventApplier}, which applies one event. Way out:
 * {@link io.turboprop.workflow.state.WorkflowState}, immutable.
 *
 * <p>It copies facts: it knows {@code plan} and {@code data}, but no rule, clock or actor.
 */
@NullMarked
package io.turboprop.workflow.state;

import org.jspecify.annotations.NullMarked;
