package io.turboprop.admin.transport;

import com.google.rpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.charset.StandardCharsets;

/**
 * A refusal in gRPC's form. gRPC sends it in headers; many clients accept 8 KiB of headers, and
 * report {@code INTERNAL} beyond that. A longer message is cut at the end of a line, with a note of
 * how much is missing; REST gives the whole message.
 */
final class GrpcStatus {
  /** The limit leaves a kibibyte for the other headers. */
  static final int HEADER_BYTES_MAX = 7 * 1024;

  private GrpcStatus() {}

  static StatusRuntimeException exception(Status status) {
    return StatusProto.toStatusRuntimeException(fitting(status));
  }

  /** The status itself if it fits, otherwise without details, otherwise with a shorter message. */
  static Status fitting(Status status) {
    if (headerBytes(status) <= HEADER_BYTES_MAX) {
      return status;
    }
    // the details repeat the message, for programs
    var plain = status.toBuilder().clearDetails().build();
    if (headerBytes(plain) <= HEADER_BYTES_MAX) {
      return plain;
    }
    // a binary search finds the longest length that fits; each shorter length fits too
    var fits = 0;
    var tooLong = plain.getMessage().length();
    while (tooLong - fits > 1) {
      var length = (fits + tooLong) >>> 1;
      if (headerBytes(cut(plain, length)) <= HEADER_BYTES_MAX) {
        fits = length;
      } else {
        tooLong = length;
      }
    }
    return cut(plain, fits);
  }

  private static Status cut(Status status, int length) {
    var message = status.getMessage();
    var end = message.lastIndexOf('\n', length);
    if (end <= 0) {
      end =
          length > 0 && Character.isHighSurrogate(message.charAt(length - 1)) ? length - 1 : length;
    }
    var rest = message.substring(end).strip();
    var missing =
        rest.indexOf('\n') >= 0 || message.charAt(end) == '\n'
            ? "%d more lines".formatted(rest.lines().count())
            : "%d more characters".formatted(rest.length());
    return status.toBuilder()
        .setMessage(message.substring(0, end) + "\n… and " + missing + "; REST gives the whole")
        .build();
  }

  /** The message is sent twice: percent-encoded, and in base64 with the details. */
  private static int headerBytes(Status status) {
    var encoded = 0;
    for (var next : status.getMessage().getBytes(StandardCharsets.UTF_8)) {
      encoded += next >= ' ' && next < '~' && next != '%' ? 1 : 3;
    }
    return encoded + (status.getSerializedSize() + 2) / 3 * 4;
  }
}
