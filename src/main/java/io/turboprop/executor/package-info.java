/**
 * Tasks that run on machines, in a cluster. An owner of an execution queues an attempt as a row; an
 * executor takes it when it has a free slot, and answers for it as long as it holds its lease.
 *
 * <p>Way in: {@link io.turboprop.executor.DispatchedPlugin}, which stands for a plugin that is
 * bound to its machine, and {@link io.turboprop.executor.Executor}, which calls that plugin. Way
 * out: rows of attempts; messages only tell the other side to look. This package knows no journal
 * and no entity: it reaches an execution through {@link io.turboprop.workflow.entity.Workflows}.
 */
@NullMarked
package io.turboprop.executor;

import org.jspecify.annotations.NullMarked;
