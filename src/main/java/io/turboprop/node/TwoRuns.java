package io.turboprop.node;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;

/**
 * The recorded state of an attempt that may run twice: the status of both runs.
 *
 * @param begunAt when the first run was first seen running
 * @param first the plugin's state of the first run; empty when it has failed
 * @param second the plugin's state of the second run; empty before its start
 * @param secondFailed whether the second run has failed; no other run follows
 */
record TwoRuns(
    Optional<Instant> begunAt,
    Optional<ByteString> first,
    Optional<ByteString> second,
    boolean secondFailed) {
  private static final int BEGUN = 1;
  private static final int FIRST = 2;
  private static final int SECOND = 4;
  private static final int SECOND_FAILED = 8;

  static final TwoRuns NONE =
      new TwoRuns(Optional.empty(), Optional.of(ByteString.EMPTY), Optional.empty(), false);

  /** Parses the recorded state, which is empty before the first check. */
  static TwoRuns decode(ByteString bytes) {
    if (bytes.isEmpty()) {
      return NONE;
    }
    var input = bytes.newCodedInput();
    try {
      var flags = input.readRawByte();
      return new TwoRuns(
          (flags & BEGUN) == 0
              ? Optional.empty()
              : Optional.of(Instant.ofEpochMilli(input.readFixed64())),
          state(input, flags & FIRST),
          state(input, flags & SECOND),
          (flags & SECOND_FAILED) != 0);
    } catch (IOException e) {
      throw new UncheckedIOException("the recorded state of an attempt can't be read", e);
    }
  }

  private static Optional<ByteString> state(CodedInputStream input, int present)
      throws IOException {
    return present == 0 ? Optional.empty() : Optional.of(input.readBytes());
  }

  ByteString encode() {
    var bytes = ByteString.newOutput();
    var output = CodedOutputStream.newInstance(bytes);
    try {
      output.write(
          (byte)
              ((begunAt.isPresent() ? BEGUN : 0)
                  | (first.isPresent() ? FIRST : 0)
                  | (second.isPresent() ? SECOND : 0)
                  | (secondFailed ? SECOND_FAILED : 0)));
      if (begunAt.isPresent()) {
        output.writeFixed64NoTag(begunAt.orElseThrow().toEpochMilli());
      }
      if (first.isPresent()) {
        output.writeBytesNoTag(first.orElseThrow());
      }
      if (second.isPresent()) {
        output.writeBytesNoTag(second.orElseThrow());
      }
      output.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteString();
  }

  TwoRuns begun(Instant at) {
    return begunAt.isPresent() ? this : new TwoRuns(Optional.of(at), first, second, secondFailed);
  }

  TwoRuns first(Optional<ByteString> state) {
    return new TwoRuns(begunAt, state, second, secondFailed);
  }

  TwoRuns second(Optional<ByteString> state) {
    return new TwoRuns(begunAt, first, state, secondFailed);
  }

  TwoRuns withoutSecond() {
    return new TwoRuns(begunAt, first, Optional.empty(), true);
  }
}
