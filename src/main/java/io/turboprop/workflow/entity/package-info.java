/**
 * Runs executions: the persistent actor around the machine, its journal and its workers.
 *
 * <p>Way in: {@link io.turboprop.workflow.entity.Workflows}, the facade for other packages. Way
 * out: steps for a {@link io.turboprop.workflow.entity.Publisher}, and an {@link
 * io.turboprop.workflow.entity.Assignment} for each {@link io.turboprop.workflow.entity.Worker}.
 *
 * <p>The package knows the other packages of {@code workflow} and Pekko; it has no rule, and knows
 * no table, handler or client.
 */
@NullMarked
package io.turboprop.workflow.entity;

import org.jspecify.annotations.NullMarked;
