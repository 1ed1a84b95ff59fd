/**
 * Tasks as processes on the engine's own machine; Python tasks start in warm workers.
 *
 * <p>Way in: {@link io.turboprop.plugin.local.LocalProcessProvider}. {@code LaunchPreparation}
 * makes a {@code Launch} of a task (command, environment, code, inputs); {@code WarmWorkers} or
 * {@code PlainProcesses} start it; {@code Completion} reads its exit code. Way out: the answers of
 * {@code TaskPlugin}, and files: a work directory per attempt, deleted at the attempt's end, and
 * its logs, which stay.
 *
 * <p>Nothing essential is in memory: a process records its pid and its exit code in its work
 * directory, so the next engine finds either the process or its result. On other systems than
 * Linux, a process that leaves its tree is not found again.
 *
 * <p>It knows nothing of nodes, executions' states and actors, and uses no database.
 */
@NullMarked
package io.turboprop.plugin.local;

import org.jspecify.annotations.NullMarked;
