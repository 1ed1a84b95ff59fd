package io.turboprop.admin.data;

import flyteidl.service.Dataproxy.CreateUploadLocationRequest;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.DataReference;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/**
 * Where an upload goes: {@code <base>/<prefix>/<project>/<domain>/<directory>/<file>}. The
 * directory is what the client chose, else the MD5 in base32.
 */
final class UploadDestination {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int RANDOM_NAME_LENGTH = 20;
  private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  private static final int BASE32_GROUP = 8;

  private UploadDestination() {}

  /**
   * @throws AdminException {@code INVALID_ARGUMENT} when a part would lead elsewhere
   */
  static DataReference of(DataReference base, String prefix, CreateUploadLocationRequest request) {
    var directory =
        request.getFilenameRoot().isEmpty()
            ? base32(request.getContentMd5().toByteArray())
            : request.getFilenameRoot();
    var file = request.getFilename().isEmpty() ? randomName() : request.getFilename();
    var place = base;
    for (var part :
        List.of(
            prefix, request.getOrg(), request.getProject(), request.getDomain(), directory, file)) {
      for (var segment : segments(part)) {
        place = place.child(segment);
      }
    }
    return place;
  }

  private static List<String> segments(String part) {
    var segments = new ArrayList<String>();
    for (var segment : part.split("/", -1)) {
      if (segment.equals(".") || segment.equals("..") || segment.indexOf(0) >= 0) {
        throw AdminException.invalidArgument("[" + part + "] is no place for an upload");
      }
      if (!segment.isEmpty()) {
        segments.add(segment);
      }
    }
    return segments;
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
