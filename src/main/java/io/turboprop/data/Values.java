package io.turboprop.data;

/**
 * The inputs or outputs of a node or an execution. Small values are part of events and state; large
 * values are in the blob store, where workers and the API read them, but never the workflow
 * machine.
 */
public sealed interface Values {
  Values NONE = new Inline(Literals.EMPTY);

  /** The values themselves. */
  record Inline(Literals literals) implements Values {}

  /** A serialized {@code flyteidl.core.LiteralMap} in the blob store. */
  record Stored(DataReference reference) implements Values {}
}
