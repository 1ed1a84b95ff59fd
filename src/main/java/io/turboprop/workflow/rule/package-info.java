/**
 * The rules of an execution, one pure class each: when a node may run, whether it is tried again,
 * what a failure does to the others, how many run at once, when time is up.
 *
 * <p>Way in: {@code WorkflowMachine}. Way out: answers, never effects. Knows state and plan,
 * nothing of actors, storage or clocks.
 */
@NullMarked
package io.turboprop.workflow.rule;

import org.jspecify.annotations.NullMarked;
