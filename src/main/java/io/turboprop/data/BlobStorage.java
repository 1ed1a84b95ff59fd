package io.turboprop.data;

import java.io.IOException;
import java.util.function.UnaryOperator;

/**
 * The blob store, where executions lie in it, and how large a value in it may be.
 *
 * @param valueBytesMax the largest literal map that is read or written whole
 */
public record BlobStorage(DataStore store, Layout layout, long valueBytesMax) {

  /** The layout of Flyte below the base of the store. */
  public BlobStorage(DataStore store, long valueBytesMax) {
    this(store, Layout.of(store.base()), valueBytesMax);
  }

  /** The same storage, whose store is another one in front of this store. */
  public BlobStorage through(UnaryOperator<DataStore> front) {
    return new BlobStorage(front.apply(store), layout, valueBytesMax);
  }

  /**
   * Reads a literal map whole.
   *
   * @throws DataStore.DataTooLargeException when it is larger than a value may be
   * @throws IllegalArgumentException when the object is no literal map
   */
  public Literals read(DataReference reference) throws IOException {
    return Literals.parse(store.read(reference, valueBytesMax));
  }

  /** The values, read if they are not at hand; errors as of {@link #read(DataReference)}. */
  public Literals read(Values values) throws IOException {
    return switch (values) {
      case Values.Inline(var literals) -> literals;
      case Values.Stored(var reference) -> read(reference);
    };
  }

  /** Loads literals that were too large for their map, within the same limit. */
  public LiteralLoader literals() {
    return LiteralLoader.from(store, valueBytesMax);
  }
}
