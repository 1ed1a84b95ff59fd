package io.turboprop.admin.executions;

import flyteidl.core.Literals.LiteralMap;
import io.grpc.Status.Code;
import io.turboprop.admin.definitions.Registration;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Layout;
import io.turboprop.data.Literals;
import io.turboprop.data.PlainUris;
import io.turboprop.data.Values;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps small inputs with their execution, and puts large ones into the blob store. */
final class InputFiles {
  private static final Logger LOG = LoggerFactory.getLogger(InputFiles.class);

  private final DataStore store;
  private final Layout layout;
  private final int inlineBytesMax;
  private final long sizeBytesMax;

  /**
   * @param inlineBytesMax how large the small ones are
   * @param sizeBytesMax of one execution's inputs: as much as is read whole anywhere
   */
  InputFiles(DataStore store, Layout layout, int inlineBytesMax, long sizeBytesMax) {
    this.store = store;
    this.layout = layout;
    this.inlineBytesMax = inlineBytesMax;
    this.sizeBytesMax = sizeBytesMax;
  }

  /** The same inputs with plain paths in place of {@code file://}. */
  LiteralMap plain(LiteralMap inputs) {
    try {
      return PlainUris.in(new Literals(inputs), store).map();
    } catch (IOException e) {
      throw unavailable("looked at", e);
    }
  }

  /**
   * The inputs as they are accepted. Large ones are named by their content, so that a second
   * request of the same name, which is refused later, has overwritten nothing.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} when they are too large at all
   */
  Values write(ExecutionId id, LiteralMap inputs) {
    var literals = new Literals(inputs);
    if (literals.sizeBytes() > sizeBytesMax) {
      throw AdminException.invalidArgument(
          "the inputs have %d bytes; the limit is %d"
              .formatted(literals.sizeBytes(), sizeBytesMax));
    }
    if (literals.sizeBytes() <= inlineBytesMax) {
      return new Values.Inline(literals);
    }
    var place = layout.execution(id).child("inputs").child(Registration.digest(inputs) + ".pb");
    try {
      store.write(place, literals.bytes());
    } catch (IOException e) {
      throw unavailable("stored", e);
    }
    return new Values.Stored(place);
  }

  /**
   * The inputs of an earlier execution; they can't be shown as empty here, since they are executed.
   *
   * @throws AdminException {@code UNAVAILABLE}
   */
  LiteralMap read(Values values) {
    try {
      return switch (values) {
        case Values.Inline(var literals) -> literals.map();
        case Values.Stored(var place) -> Literals.parse(store.read(place, sizeBytesMax)).map();
      };
    } catch (IOException e) {
      throw unavailable("read", e);
    }
  }

  private static AdminException unavailable(String what, IOException cause) {
    LOG.warn("inputs of an execution can't be {}", what, cause);
    return new AdminException(
        Code.UNAVAILABLE, "the inputs can't be %s now: %s".formatted(what, cause.getMessage()));
  }
}
