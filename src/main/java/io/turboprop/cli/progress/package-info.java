/**
 * The progress of executions, shown to people: a tree that is redrawn in a terminal, or a line per
 * change where there is no terminal.
 *
 * <p>Way in: {@link io.turboprop.cli.progress.ExecutionReader}, which asks any server through the
 * public API, and {@link io.turboprop.cli.progress.ProgressDisplay}. Way out: text. It knows
 * flyteidl's messages and its own records; nothing of the engine.
 */
@NullMarked
package io.turboprop.cli.progress;

import org.jspecify.annotations.NullMarked;
