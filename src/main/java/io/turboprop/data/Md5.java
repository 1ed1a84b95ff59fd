package io.turboprop.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** MD5 digests, by which clients name the content of an upload, as 32 lower case hex digits. */
public final class Md5 {
  private static final int BYTES = 16;

  private Md5() {}

  /** The digest of a stream's content. */
  public static String hex(InputStream in) throws IOException {
    var digest = digest();
    try (var out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      in.transferTo(out);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The digest of a header or of metadata; empty if the text is not an MD5 in base64. */
  public static Optional<String> fromBase64(String text) {
    try {
      var md5 = Base64.getDecoder().decode(text);
      return md5.length == BYTES ? Optional.of(HexFormat.of().formatHex(md5)) : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  /** A digest of several parts. */
  public static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }
}
