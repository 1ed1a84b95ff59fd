package io.turboprop.admin.data;

import io.turboprop.data.Md5;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Checks the content against its expected MD5; a difference fails the last read, so that a copy
 * from this stream fails too.
 */
final class Md5InputStream extends FilterInputStream {
  private final MessageDigest digest;
  private final String expected;
  private String found = "";

  /** The content does not have the expected MD5. */
  static final class MismatchException extends IOException {
    private static final long serialVersionUID = 1L;

    private final String message;

    MismatchException(String expected, String found) {
      this.message = "the content's MD5 is " + found + ", not " + expected;
    }

    @Override
    public String getMessage() {
      return message;
    }
  }

  /**
   * @param expected the expected MD5, in hex; empty for any
   */
  Md5InputStream(InputStream in, String expected) {
    super(in);
    this.expected = expected;
    this.digest = Md5.digest();
  }

  /** The MD5 in hex; valid after the end of the stream. */
  String md5() {
    return found;
  }

  @Override
  public int read() throws IOException {
    var one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    var count = super.read(bytes, offset, length);
    if (count > 0) {
      digest.update(bytes, offset, count);
    } else if (count < 0) {
      atEnd();
    }
    return count;
  }

  private void atEnd() throws MismatchException {
    if (found.isEmpty()) {
      found = HexFormat.of().formatHex(digest.digest());
    }
    if (!expected.isEmpty() && !expected.equals(found)) {
      throw new MismatchException(expected, found);
    }
  }
}
