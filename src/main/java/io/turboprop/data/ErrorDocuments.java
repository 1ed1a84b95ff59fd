package io.turboprop.data;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import flyteidl.core.Errors.ContainerError;
import flyteidl.core.Errors.ErrorDocument;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Reads {@code flyteidl.core.ErrorDocument}s of any size: only the beginning and the end of a long
 * text are loaded into memory.
 */
final class ErrorDocuments {
  private static final int CODE_BYTES_MAX = 1024;

  /**
   * The bound on a text, a little less than the length that {@link ExecutionError#trimmed} keeps
   * whole.
   */
  private static final int MESSAGE_BYTES_MAX = 96 * 1024;

  private static final int ERROR =
      tag(ErrorDocument.ERROR_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int CODE =
      tag(ContainerError.CODE_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int MESSAGE =
      tag(ContainerError.MESSAGE_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
  private static final int KIND = tag(ContainerError.KIND_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);
  private static final int ORIGIN =
      tag(ContainerError.ORIGIN_FIELD_NUMBER, WireFormat.WIRETYPE_VARINT);

  private ErrorDocuments() {}

  private static int tag(int field, int wireType) {
    return field << 3 | wireType;
  }

  /**
   * The error in a document: its code, message, kind and origin; empty when the document holds no
   * error.
   *
   * @throws InvalidProtocolBufferException when the bytes are not an error document
   */
  static Optional<ContainerError> read(InputStream bytes) throws IOException {
    var document = CodedInputStream.newInstance(bytes);
    var error = Optional.<ContainerError>empty();
    for (var tag = document.readTag(); tag != 0; tag = document.readTag()) {
      if (tag == ERROR) {
        var outer = document.pushLimit(document.readRawVarint32());
        error = Optional.of(error(document));
        document.popLimit(outer);
      } else {
        skip(document, tag);
      }
    }
    return error;
  }

  private static ContainerError error(CodedInputStream document) throws IOException {
    var error = ContainerError.newBuilder();
    for (var tag = document.readTag(); tag != 0; tag = document.readTag()) {
      if (tag == CODE) {
        error.setCode(text(document, CODE_BYTES_MAX));
      } else if (tag == MESSAGE) {
        error.setMessage(text(document, MESSAGE_BYTES_MAX));
      } else if (tag == KIND) {
        error.setKindValue(document.readEnum());
      } else if (tag == ORIGIN) {
        error.setOriginValue(document.readEnum());
      } else {
        skip(document, tag);
      }
    }
    return error.build();
  }

  /** Reads a text; a text longer than the bound loses its middle. */
  private static String text(CodedInputStream document, int sizeBytesMax) throws IOException {
    var sizeBytes = document.readRawVarint32();
    if (sizeBytes <= sizeBytesMax) {
      return new String(document.readRawBytes(sizeBytes), UTF_8);
    }
    var half = sizeBytesMax / 2;
    var head = new String(document.readRawBytes(half), UTF_8);
    document.skipRawBytes(sizeBytes - 2 * half);
    return head + ExecutionError.TRUNCATED + new String(document.readRawBytes(half), UTF_8);
  }

  private static void skip(CodedInputStream document, int tag) throws IOException {
    if (!document.skipField(tag)) {
      throw new InvalidProtocolBufferException("a group ends that has not begun");
    }
  }
}
