package io.turboprop.data;

import java.io.IOException;
import java.util.function.UnaryOperator;

/**
 * The blob store, with the layout of executions in it and the size limit of values.
 *
 * @param valueBytesMax the largest literal map that may be read or written whole
 */
public record BlobStorage(DataStore store, Layout layout, long valueBytesMax) {

  /** The layout of Flyte below the base of the store. */
  public BlobStorage(DataStore store, long valueBytesMax) {
    this(store, Layout.of(store.base()), valueBytesMax);
  }

  /** The same storage with a store that wraps this store. */
  public BlobStorage through(UnaryOperator<DataStore> front) {
    return new BlobStorage(front.apply(store), layout, valueBytesMax);
  }

  /**
   * Reads a literal map whole.
   *
   * @throws DataStore.DataTooLargeException when the map exceeds the limit
   * @throws IllegalArgumentException when the object is not a literal map
   */
  public Literals read(DataReference reference) throws IOException {
    return Literals.parse(store.read(reference, valueBytesMax));
  }

  /**
   * The values, which are read if they are not in memory; same errors as {@link
   * #read(DataReference)}.
   */
  public Literals read(Values values) throws IOException {
    return switch (values) {
      case Values.Inline(var literals) -> literals;
      case Values.Stored(var reference) -> read(reference);
    };
  }

  /** Loads offloaded literals, within the same limit. */
  public LiteralLoader literals() {
    return LiteralLoader.from(store, valueBytesMax);
  }
}
