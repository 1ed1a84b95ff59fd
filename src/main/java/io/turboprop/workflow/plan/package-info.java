/**
 * The compiled workflow: immutable graphs of numbered nodes, shared by all executions of it.
 *
 * <p>Way in: the compiler builds a {@link io.turboprop.workflow.plan.Plan}. Way out: records that
 * the state and the rules read.
 *
 * <p>The package knows only {@code data}; it knows no state, rule or actor.
 */
@NullMarked
package io.turboprop.workflow.plan;

import org.jspecify.annotations.NullMarked;
