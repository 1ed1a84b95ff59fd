package io.turboprop.catalog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import io.turboprop.data.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;

/**
 * The published "objecthash" of a message's JSON form: SHA-256 over structure and values,
 * independent of the order of keys.
 */
public final class ObjectHash {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonFormat.Printer PRINTER =
      JsonFormat.printer().omittingInsignificantWhitespace();

  private ObjectHash() {}

  /**
   * The hash as 43 characters of base64url without padding.
   *
   * @throws IllegalArgumentException when the message has no JSON form, e.g. a NaN in a struct
   */
  public static String of(MessageOrBuilder message) {
    try {
      var hash = of(JSON.readTree(PRINTER.print(message)));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (InvalidProtocolBufferException | JsonProcessingException e) {
      throw new IllegalArgumentException("it has no hash: " + e.getMessage(), e);
    }
  }

  /** The SHA-256 of bytes, in the same form: for a literal that is too large to be parsed. */
  public static String ofContent(ByteString bytes) {
    var digest = Sha256.digest();
    bytes.asReadOnlyByteBufferList().forEach(digest::update);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.digest());
  }

  static byte[] of(JsonNode node) {
    return switch (node.getNodeType()) {
      case NULL, MISSING -> tagged('n', new byte[0]);
      case BOOLEAN -> tagged('b', ascii(node.booleanValue() ? "1" : "0"));
      case STRING -> text(node.textValue());
      case NUMBER -> tagged('f', ascii(normalized(node.doubleValue())));
      case ARRAY -> list(node);
      case OBJECT -> object(node);
      case BINARY, POJO -> throw new IllegalArgumentException("no JSON: " + node.getNodeType());
    };
  }

  private static byte[] text(String value) {
    return tagged('u', value.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] list(JsonNode node) {
    var digest = digest('l');
    node.forEach(element -> digest.update(of(element)));
    return digest.digest();
  }

  private static byte[] object(JsonNode node) {
    var digest = digest('d');
    node.properties().stream()
        .map(entry -> joined(text(entry.getKey()), of(entry.getValue())))
        .sorted(Arrays::compareUnsigned)
        .forEach(digest::update);
    return digest.digest();
  }

  private static byte[] joined(byte[] key, byte[] value) {
    var joined = Arrays.copyOf(key, key.length + value.length);
    System.arraycopy(value, 0, joined, key.length, value.length);
    return joined;
  }

  /** Sign, exponent, and the binary digits of a mantissa above 0.5 and at most 1. */
  static String normalized(double value) {
    if (value == 0) {
      return "+0:";
    }
    if (Double.isNaN(value) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(value + " has no hash");
    }
    var mantissa = Math.abs(value);
    var exponent = 0;
    while (mantissa > 1) {
      mantissa /= 2;
      exponent++;
    }
    while (mantissa <= 0.5) {
      mantissa *= 2;
      exponent--;
    }
    var text = new StringBuilder(value < 0 ? "-" : "+").append(exponent).append(':');
    while (mantissa != 0) {
      if (mantissa >= 1) {
        text.append('1');
        mantissa -= 1;
      } else {
        text.append('0');
      }
      mantissa *= 2;
    }
    return text.toString();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] tagged(char tag, byte[] bytes) {
    return digest(tag).digest(bytes);
  }

  private static MessageDigest digest(char tag) {
    var digest = Sha256.digest();
    digest.update((byte) tag);
    return digest;
  }
}
