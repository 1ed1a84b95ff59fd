package io.turboprop.plugin.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names made of contents (SHA-256). */
final class Digests {
  private static final int SHORT_LENGTH = 16;

  private Digests() {}

  /** 16 hexadecimal digits: 64 bits, enough for names of things that live at the same time. */
  static String shortName(String text) {
    return hex(sha256().digest(text.getBytes(StandardCharsets.UTF_8))).substring(0, SHORT_LENGTH);
  }

  /** 64 hexadecimal digits for all that a stream holds. */
  static String of(InputStream in) throws IOException {
    var digest = sha256();
    try (var out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
      in.transferTo(out);
    }
    return hex(digest.digest());
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
