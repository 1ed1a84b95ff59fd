package io.turboprop.admin.executions;

import flyteidl.core.Literals.LiteralMap;
import io.grpc.Status.Code;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Literals;
import io.turboprop.data.PlainUris;
import io.turboprop.data.Sha256;
import io.turboprop.data.Values;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores small inputs in the execution's row and large inputs in the blob store. */
final class InputStorage {
  private static final Logger LOG = LoggerFactory.getLogger(InputStorage.class);

  private final BlobStorage storage;
  private final int inlineBytesMax;

  /**
   * @param inlineBytesMax the largest inputs that are stored in the row
   */
  InputStorage(BlobStorage storage, int inlineBytesMax) {
    this.storage = storage;
    this.inlineBytesMax = inlineBytesMax;
  }

  /** The same inputs with plain paths in place of {@code file://}. */
  LiteralMap plain(LiteralMap inputs) {
    try {
      return PlainUris.in(new Literals(inputs), storage.store()).map();
    } catch (IOException e) {
      throw unavailable("looked at", e);
    }
  }

  /**
   * Stores the inputs of a new execution. The file name of large inputs is derived from their
   * content, so that a second request with the same name, which is refused later, does not
   * overwrite them.
   *
   * @throws AdminException {@code INVALID_ARGUMENT} when the inputs exceed the limit
   */
  Values write(ExecutionId id, LiteralMap inputs) {
    var literals = new Literals(inputs);
    if (literals.sizeBytes() > storage.valueBytesMax()) {
      throw AdminException.invalidArgument(
          "the inputs have %d bytes; the limit is %d"
              .formatted(literals.sizeBytes(), storage.valueBytesMax()));
    }
    if (literals.sizeBytes() <= inlineBytesMax) {
      return new Values.Inline(literals);
    }
    var place = storage.layout().execution(id).child("inputs").child(Sha256.hex(inputs) + ".pb");
    try {
      storage.store().write(place, literals.bytes());
    } catch (IOException e) {
      throw unavailable("stored", e);
    }
    return new Values.Stored(place);
  }

  /**
   * Stores the inputs of an accepted execution again if they are gone: the retention may have
   * deleted an old execution of the same name or folder, with its files, after the inputs were
   * stored and before this execution was accepted. The execution is accepted, so a failure is only
   * logged.
   */
  void restore(Values stored, LiteralMap inputs) {
    try {
      if (stored instanceof Values.Stored(var place) && storage.store().size(place).isEmpty()) {
        storage.store().write(place, new Literals(inputs).bytes());
      }
    } catch (IOException e) {
      LOG.warn("it is not known whether the inputs {} of a new execution are kept", stored, e);
    }
  }

  /**
   * The inputs of an earlier execution, for a relaunch; unreadable inputs are an error here and not
   * empty.
   *
   * @throws AdminException {@code UNAVAILABLE}
   */
  LiteralMap read(Values values) {
    try {
      return storage.read(values).map();
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
