package io.turboprop.admin.transport;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeaders;
import com.linecorp.armeria.common.MediaType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.zip.GZIPOutputStream;

/**
 * The encoding of REST messages. As in grpc-gateway, the exact text of {@code Accept}, then of
 * {@code Content-Type}, selects it: a client that sends {@code application/json} gets the field
 * names of the protos, a client that sends neither header gets lowerCamelCase.
 *
 * <p>JSON also holds unset fields: null for messages, the default value for all others.
 */
public enum Encoding {
  /** Binary protobuf in both directions, which the console uses. */
  PROTOBUF,
  /** JSON with the protos' field names; a request with an unknown field is refused. */
  SNAKE_JSON,
  /** JSON with lowerCamelCase names; unknown fields of a request are ignored. */
  CAMEL_JSON;

  private static final int BUFFER_BYTES = 8192;

  /** The encoding of a request's body. */
  static Encoding ofRequest(HttpHeaders headers) {
    return first(headers.getAll(HttpHeaderNames.CONTENT_TYPE), CAMEL_JSON);
  }

  /** The encoding of a request's answer. */
  static Encoding ofResponse(HttpHeaders headers) {
    return first(headers.getAll(HttpHeaderNames.ACCEPT), ofRequest(headers));
  }

  private static Encoding first(List<String> types, Encoding otherwise) {
    for (var type : types) {
      switch (type) {
        case "application/octet-stream" -> {
          return PROTOBUF;
        }
        case "application/json" -> {
          return SNAKE_JSON;
        }
        default -> {}
      }
    }
    return otherwise;
  }

  MediaType mediaType() {
    return switch (this) {
      case PROTOBUF -> MediaType.OCTET_STREAM;
      case SNAKE_JSON, CAMEL_JSON -> MediaType.JSON;
    };
  }

  /**
   * How much memory the parsing of a body takes beside the body and its message: a copy of protobuf
   * bytes; of JSON, texts of two bytes a character.
   */
  long parsingBytes(long bytes) {
    return switch (this) {
      case PROTOBUF -> bytes;
      case SNAKE_JSON, CAMEL_JSON -> 2 * bytes;
    };
  }

  /**
   * Parses a body into a message.
   *
   * @param memory gets the bytes that the message takes beyond its text, and may refuse them
   * @throws AdminException {@code INVALID_ARGUMENT} when the body is malformed
   */
  void read(InputStream body, Message.Builder into, LongConsumer memory) {
    switch (this) {
      case PROTOBUF -> {
        try {
          var bytes = body.readAllBytes();
          memory.accept(MessageWeight.of(bytes, into.getDescriptorForType()));
          into.mergeFrom(bytes);
        } catch (InvalidProtocolBufferException malformed) {
          throw AdminException.invalidArgument("malformed request body: " + malformed.getMessage());
        } catch (IOException failure) {
          throw new UncheckedIOException(failure);
        }
      }
      case SNAKE_JSON -> JsonReader.read(body, into, false, memory);
      case CAMEL_JSON -> JsonReader.read(body, into, true, memory);
    }
  }

  /** Writes an answer, and closes the stream. */
  void write(Message message, OutputStream out) {
    try (out) {
      switch (this) {
        case PROTOBUF -> message.writeTo(out);
        case SNAKE_JSON -> JsonWriter.write(message, true, out);
        case CAMEL_JSON -> JsonWriter.write(message, false, out);
      }
    } catch (IOException failure) {
      throw new UncheckedIOException(
          "cannot write " + message.getDescriptorForType().getFullName(), failure);
    }
  }

  /** The whole answer, compressed with gzip or plain. */
  HttpData write(Message message, boolean isCompressed) {
    var bytes = new ByteArrayOutputStream();
    try {
      write(message, isCompressed ? new GZIPOutputStream(bytes, BUFFER_BYTES) : bytes);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return HttpData.wrap(bytes.toByteArray());
  }
}
