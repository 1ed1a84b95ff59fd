/**
 * Flyte's compiler: what a client registers becomes a closed, checked graph, or the full list of
 * its errors.
 *
 * <p>Way in: {@link io.turboprop.compiler.TaskCompiler}, {@link
 * io.turboprop.compiler.WorkflowCompiler}; {@link io.turboprop.compiler.SourceReader} reads files.
 *
 * <p>Way out: {@link io.turboprop.compiler.CompilerResult}, a compiled closure equal to Flyte's
 * message for message, or every {@link io.turboprop.compiler.CompilerError}.
 *
 * <p>Everything but the reader is pure: no clock, no files, no state between calls.
 *
 * <p>It knows flyteidl's messages; it must not know actors, SQL, the services or the engine.
 */
@NullMarked
package io.turboprop.compiler;

import org.jspecify.annotations.NullMarked;
