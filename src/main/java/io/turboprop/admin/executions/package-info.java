/**
 * The calls for executions: creating, aborting and reading executions, their nodes, tasks and
 * signals.
 *
 * <p>Way in: {@link io.turboprop.admin.executions.ExecutionService}. Way out: rows of {@code
 * store}, and the facade of {@code workflow}. It knows no SQL and no actor.
 */
@NullMarked
package io.turboprop.admin.executions;

import org.jspecify.annotations.NullMarked;
