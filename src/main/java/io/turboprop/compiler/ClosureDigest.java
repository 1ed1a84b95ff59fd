package io.turboprop.compiler;

import flyteidl.core.Compiler.CompiledWorkflowClosure;
import io.turboprop.data.Sha256;

/**
 * The name of a compiled closure: SHA-256 over a serialisation in which map entries are sorted.
 *
 * <p>Equal closures have equal digests, whatever the order in which their maps were filled; so the
 * digest can name a stored plan.
 */
public final class ClosureDigest {
  private ClosureDigest() {}

  /** The digest, as 64 lower case hexadecimal digits. */
  public static String of(CompiledWorkflowClosure closure) {
    return Sha256.hex(closure);
  }
}
