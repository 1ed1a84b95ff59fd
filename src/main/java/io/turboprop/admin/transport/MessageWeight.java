package io.turboprop.admin.transport;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Estimates how much memory a message takes beyond its serialized bytes. An empty nested message
 * takes two bytes on the wire and about a hundred in memory.
 */
final class MessageWeight {
  private static final int MESSAGE_BYTES = 100;
  private static final int FIELD_BYTES = 40;
  private static final int UNKNOWN_FIELD_BYTES = 200;
  private static final int DEPTH_MAX = 100;

  private MessageWeight() {}

  /**
   * @throws AdminException {@code INVALID_ARGUMENT} when the bytes are not a message
   */
  static long of(byte[] bytes, Descriptor type) {
    try {
      return weight(CodedInputStream.newInstance(bytes), type, 0);
    } catch (InvalidProtocolBufferException malformed) {
      throw AdminException.invalidArgument("malformed request: " + malformed.getMessage());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private static long weight(CodedInputStream in, Descriptor type, int depth) throws IOException {
    var sum = (long) MESSAGE_BYTES;
    for (var tag = in.readTag(); tag != 0; tag = in.readTag()) {
      var field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
      var isDelimited = WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
      if (field == null) {
        sum += UNKNOWN_FIELD_BYTES;
        in.skipField(tag);
      } else if (isDelimited && field.getJavaType() == JavaType.MESSAGE && depth < DEPTH_MAX) {
        var outer = in.pushLimit(in.readRawVarint32());
        sum += weight(in, field.getMessageType(), depth + 1);
        in.popLimit(outer);
      } else {
        sum += FIELD_BYTES;
        in.skipField(tag);
      }
    }
    return sum;
  }
}
