/**
 * Flyte's compiler: turns registered workflows and tasks into closed, checked graphs, or into the
 * full list of errors.
 *
 * <p>Way in: {@link io.turboprop.compiler.TaskCompiler}, {@link
 * io.turboprop.compiler.WorkflowCompiler}; {@link io.turboprop.compiler.SourceReader} reads files.
 *
 * <p>Way out: {@link io.turboprop.compiler.CompilerResult}, a compiled closure equal to Flyte's
 * message for message, or every {@link io.turboprop.compiler.CompilerError}.
 *
 * <p>Everything except the reader is pure: no clock, no files, no state between calls.
 *
 * <p>It knows flyteidl's messages; it must not know actors, SQL, the services or the engine.
 */
@NullMarked
package io.turboprop.compiler;

import org.jspecify.annotations.NullMarked;
