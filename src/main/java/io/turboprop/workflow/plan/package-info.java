/**
 * The compiled workflow: immutable graphs of numbered nodes, shared by all executions of it.
 *
 * <p>Way in: {@link io.turboprop.workflow.plan.Plan}, which the compiler builds. Way out: values.
 *
 * <p>It knows {@code data} alone: no state, no rule, no actor.
 */
@NullMarked
package io.turboprop.workflow.plan;

import org.jspecify.annotations.NullMarked;
