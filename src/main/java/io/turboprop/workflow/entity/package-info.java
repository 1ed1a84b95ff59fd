/**
 * One execution, alive: the persistent actor around the machine, its journal and its workers.
 *
 * <p>Way in: {@link io.turboprop.workflow.entity.Workflows}, the facade for all others. Way out:
 * steps for a {@link io.turboprop.workflow.entity.Publisher}, and an {@link
 * io.turboprop.workflow.entity.Assignment} for each {@link io.turboprop.workflow.entity.Worker}.
 *
 * <p>It knows the other rooms of {@code workflow} and Pekko; it decides nothing, and knows no
 * table, no handler and no client.
 */
@NullMarked
package io.turboprop.workflow.entity;

import org.jspecify.annotations.NullMarked;
