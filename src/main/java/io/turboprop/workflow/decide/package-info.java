/**
 * What happens next: a command meets the state of an execution and becomes events.
 *
 * <p>Way in: {@link io.turboprop.workflow.decide.WorkflowMachine}. Way out: a {@link
 * io.turboprop.workflow.decide.Decision}, and the {@link io.turboprop.workflow.decide.Work} that
 * should be under way.
 *
 * <p>Everything here is pure: it knows {@code plan}, {@code state} and {@code data}, no actor, no
 * clock and no store.
 */
@NullMarked
package io.turboprop.workflow.decide;

import org.jspecify.annotations.NullMarked;
