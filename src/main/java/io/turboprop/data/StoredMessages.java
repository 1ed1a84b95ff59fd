package io.turboprop.data;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;

/** Parses protobuf messages that the engine has stored. */
public final class StoredMessages {
  private StoredMessages() {}

  /**
   * @throws IllegalStateException when the bytes are not such a message, so the store is damaged
   */
  public static <M> M parse(Parser<M> parser, ByteString bytes) {
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException damaged) {
      throw new IllegalStateException("a stored message of " + bytes.size() + " bytes", damaged);
    }
  }
}
