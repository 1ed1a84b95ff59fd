/**
 * The rules of an execution, one pure class each: readiness, branching, elements of arrays,
 * retries, failure policies, parallelism, timeouts.
 *
 * <p>Way in: plan, state and time, as arguments. Way out: a value. A rule has no effect and knows
 * neither the machine nor any actor.
 */
@NullMarked
package io.turboprop.workflow.decide.rule;

import org.jspecify.annotations.NullMarked;
