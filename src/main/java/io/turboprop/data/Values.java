package io.turboprop.data;

/**
 * The inputs or outputs of a node or an execution: small ones travel with events and state, the
 * others are read from the blob store by whoever needs them, never by the machine.
 */
public sealed interface Values {
  Values NONE = new Inline(Literals.EMPTY);

  /** At hand. */
  record Inline(Literals literals) implements Values {}

  /** A serialized {@code flyteidl.core.LiteralMap} in the blob store. */
  record Stored(DataReference reference) implements Values {}
}
