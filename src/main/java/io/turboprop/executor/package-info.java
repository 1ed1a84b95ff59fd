/**
 * Tasks that run on machines, in a cluster. An owner of an execution queues an attempt as a row; an
 * executor takes it when it has a free slot, and answers for it as long as it holds its lease.
 *
 * <p>What keeps an attempt single. Each attempt has one row and writes below a prefix of its own,
 * so a second process of an earlier attempt spoils no outputs. An executor takes the row with the
 * lease of its session, and may change the row until another node has ended it or the executor has
 * begun its next session. If the executor can't renew the lease, it kills the attempt's processes
 * before the lease ends; if the engine process has died or stands still, a guard process kills them
 * at the same time. Others end the row only after the lease, and the owner begins the next attempt
 * only after the row has ended. When an executor ends an attempt itself, it stops the processes
 * first. A node that starts again may adopt the processes of its last session if their time has not
 * passed, and otherwise kills them before it ends their rows. A standalone node has neither
 * executor nor lease: no other node may run its attempts, so after a restart it always adopts the
 * processes that still run.
 *
 * <p>Way in: {@link io.turboprop.executor.QueuedPlugin}, which stands for a plugin that is bound to
 * its machine, and {@link io.turboprop.executor.Executor}, which calls that plugin. Way out: rows
 * of attempts; messages only notify the other side to read the table. This package knows no journal
 * and no entity: it reaches an execution through {@link io.turboprop.workflow.entity.Workflows}.
 */
@NullMarked
package io.turboprop.executor;

import org.jspecify.annotations.NullMarked;
