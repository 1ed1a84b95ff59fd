package io.turboprop.admin.data;

import flyteidl.service.Dataproxy.CreateUploadLocationRequest;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.DataReference;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The location of an upload: {@code <base>/<prefix>/<project>/<domain>/<directory>/<file>}. The
 * directory is the client's choice, or else the MD5 in base32.
 */
final class UploadDestination {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int RANDOM_NAME_LENGTH = 20;
  private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final int BASE32_GROUP = 8;

  /** The longest file name of file systems. */
  private static final int NAME_BYTES_MAX = 255;

  /** The longest key of object stores. */
  private static final int KEY_BYTES_MAX = 1024;

  private UploadDestination() {}

  /**
   * @throws AdminException {@code INVALID_ARGUMENT} when a part leads elsewhere, or no store can
   *     hold an object of this name
   */
  static DataReference of(DataReference base, String prefix, CreateUploadLocationRequest request) {
    var directory =
        request.getFilenameRoot().isEmpty()
            ? base32(request.getContentMd5().toByteArray())
            : request.getFilenameRoot();
    var object = new ArrayList<String>();
    object.addAll(folders(prefix));
    object.addAll(folders(request.getOrg()));
    object.addAll(folders(request.getProject()));
    object.addAll(folders(request.getDomain()));
    object.addAll(folders(directory));
    object.addAll(
        request.getFilename().isEmpty() ? List.of(randomName()) : file(request.getFilename()));
    var key = String.join("/", object);
    if (sizeBytes(key) > KEY_BYTES_MAX) {
      throw refused(key, "it is longer than the %d bytes of a key".formatted(KEY_BYTES_MAX));
    }
    return base.child(key);
  }

  /** The folders of a part; empty names are left out. */
  private static List<String> folders(String part) {
    return checked(part, segments(part).filter(segment -> !segment.isEmpty()).toList());
  }

  /**
   * A file name may contain folders; an empty name in it is refused, since it would name another
   * object.
   */
  private static List<String> file(String name) {
    var segments = segments(name).toList();
    if (segments.contains("")) {
      throw refused(name, "a name between slashes is empty");
    }
    return checked(name, segments);
  }

  private static Stream<String> segments(String part) {
    return Arrays.stream(part.split("/", -1));
  }

  private static List<String> checked(String part, List<String> segments) {
    for (var segment : segments) {
      if (segment.equals(".") || segment.equals("..")) {
        throw refused(part, "it may not hold . or ..");
      }
      if (segment.indexOf(0) >= 0) {
        throw refused(part, "it holds a NUL character");
      }
      if (sizeBytes(segment) > NAME_BYTES_MAX) {
        throw refused(
            part, "a name in it is longer than the %d bytes of a file".formatted(NAME_BYTES_MAX));
      }
    }
    return segments;
  }

  private static int sizeBytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static AdminException refused(String part, String reason) {
    return AdminException.invalidArgument(
        "[%s] is no place for an upload: %s".formatted(part, reason));
  }

  /** RFC 4648, upper case, padded. */
  static String base32(byte[] bytes) {
    var text = new StringBuilder();
    var buffer = 0;
    var bits = 0;
    for (var next : bytes) {
      buffer = (buffer << 8) | (next & 0xFF);
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        text.append(BASE32.charAt((buffer >> bits) & 31));
      }
    }
    if (bits > 0) {
      text.append(BASE32.charAt((buffer << (5 - bits)) & 31));
    }
    while (text.length() % BASE32_GROUP != 0) {
      text.append('=');
    }
    return text.toString();
  }

  private static String randomName() {
    return RANDOM
        .ints(RANDOM_NAME_LENGTH, 'a', 'z' + 1)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
