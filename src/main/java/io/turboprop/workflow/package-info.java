/**
 * One execution: its plan, its state, and the rules by which it goes on.
 *
 * <p>Way in: {@link io.turboprop.workflow.Workflows}. Way out: events to the journal, {@link
 * io.turboprop.workflow.Work} to the workers, steps to the publishers. The core is pure: {@link
 * io.turboprop.workflow.WorkflowMachine} decides, the rules are in {@code rule}; the entity and its
 * journal are the only shells. It knows {@code data} and nothing else of ours: no handler, no
 * plugin, no SQL, no flyteidl.
 */
@NullMarked
package io.turboprop.workflow;

import org.jspecify.annotations.NullMarked;
