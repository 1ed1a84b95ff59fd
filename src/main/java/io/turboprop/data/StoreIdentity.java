package io.turboprop.data;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.UUID;

/**
 * The id of a blob store, which an object in its base holds. Nodes that read different ids do not
 * use the same place, as when each has a folder of its own.
 */
public final class StoreIdentity {
  private static final String OBJECT = "turboprop-store-id";
  private static final int LENGTH_MAX = 100;

  private StoreIdentity() {}

  /** The id of the store; empty if it has none yet. */
  public static Optional<UUID> read(DataStore store) throws IOException {
    try {
      var text = store.read(store.base().child(OBJECT), LENGTH_MAX).toStringUtf8().strip();
      return Optional.of(UUID.fromString(text));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      throw new IOException(store.base().child(OBJECT).uri() + " holds no id of a blob store", e);
    }
  }

  /** The id of the store, which gets one if it has none. */
  public static UUID readOrMake(DataStore store) {
    try {
      var known = read(store);
      if (known.isPresent()) {
        return known.orElseThrow();
      }
      var id = UUID.randomUUID();
      store.write(store.base().child(OBJECT), ByteString.copyFromUtf8(id + "\n"));
      return id;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
