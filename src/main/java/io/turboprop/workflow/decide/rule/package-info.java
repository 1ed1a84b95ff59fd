/**
 * The rules, a pure class each: readiness, branching, elements of arrays, retries, failure
 * policies, parallelism, timeouts.
 *
 * <p>Way in: plan, state and time. Way out: an answer; no rule has an effect, and none knows the
 * machine that asks it.
 */
@NullMarked
package io.turboprop.workflow.decide.rule;

import org.jspecify.annotations.NullMarked;
