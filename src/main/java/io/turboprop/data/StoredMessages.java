package io.turboprop.data;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;

/** Reads messages that this server has stored. */
public final class StoredMessages {
  private StoredMessages() {}

  /**
   * @throws IllegalStateException when the bytes are none: the store is damaged
   */
  public static <M> M parse(Parser<M> parser, ByteString bytes) {
    try {
      return parser.parseFrom(bytes);
    } catch (InvalidProtocolBufferException damaged) {
      throw new IllegalStateException("a stored message of " + bytes.size() + " bytes", damaged);
    }
  }
}
