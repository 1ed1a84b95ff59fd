package io.turboprop.data;

import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;

/**
 * The terms of a signed upload.
 *
 * @param life how long the client may begin the upload
 * @param md5Hex the MD5 of the only content that the store accepts, in hex; empty for any content
 * @param md5Kept whether the store keeps the MD5 as metadata of the object, under Flyte's name
 */
public record UploadTerms(Duration life, String md5Hex, boolean md5Kept) {
  /** The metadata of an object in which Flyte keeps the MD5 of its content. */
  public static final String MD5_METADATA = "flyteContentMD5";

  /** The MD5 as the header {@code Content-MD5} has it; empty for any content. */
  public String md5Base64() {
    return Base64.getEncoder().encodeToString(HexFormat.of().parseHex(md5Hex));
  }
}
