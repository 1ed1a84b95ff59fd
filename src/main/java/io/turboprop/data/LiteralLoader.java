package io.turboprop.data;

import com.google.protobuf.InvalidProtocolBufferException;
import flyteidl.core.Literals.Literal;
import java.io.IOException;
import java.nio.file.NoSuchFileException;

/** Loads an offloaded literal, which was too large for its map. */
@FunctionalInterface
public interface LiteralLoader {

  /**
   * Reads the literal at this location.
   *
   * @throws BindingException when the literal can never be read: it is missing, too large, or not a
   *     literal
   * @throws IOException for reasons that may pass
   */
  Literal load(DataReference reference) throws BindingException, IOException;

  /** Loads from a store, refusing literals of more than {@code sizeBytesMax} bytes. */
  static LiteralLoader from(DataStore store, long sizeBytesMax) {
    return reference -> {
      try {
        return Literal.parseFrom(store.read(reference, sizeBytesMax));
      } catch (NoSuchFileException e) {
        throw new BindingException("the offloaded literal at " + reference + " is not there");
      } catch (DataStore.DataTooLargeException e) {
        throw new BindingException(
            "an offloaded literal is too large: " + DataSettings.tooLarge(e));
      } catch (InvalidProtocolBufferException e) {
        throw new BindingException(reference + " holds no literal: " + e.getMessage());
      }
    };
  }
}
