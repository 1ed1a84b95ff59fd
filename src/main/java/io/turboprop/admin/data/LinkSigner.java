package io.turboprop.admin.data;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs the permission of a link with HMAC-SHA256: the method, the object, the expiry and the MD5
 * of the content. All servers behind the same address need the same key.
 */
public final class LinkSigner {
  private static final String ALGORITHM = "HmacSHA256";
  private static final int KEY_BYTES = 32;

  private final SecretKeySpec key;

  private LinkSigner(byte[] key) {
    if (key.length < KEY_BYTES) {
      throw new IllegalArgumentException(
          "turboprop.admin.signing-key has " + key.length + " bytes; 32 are needed");
    }
    this.key = new SecretKeySpec(key, ALGORITHM);
  }

  /**
   * Makes a signer with the configured key, or else with the key that all nodes share.
   *
   * @param configured base64
   */
  public static LinkSigner of(Optional<String> configured, Supplier<byte[]> shared) {
    return new LinkSigner(configured.map(Base64.getDecoder()::decode).orElseGet(shared));
  }

  /**
   * The permission of a link.
   *
   * @param method PUT or GET
   * @param object the path below the store's base
   * @param expires a whole second
   * @param md5 the MD5 of the content, in hex; empty when it is unknown
   */
  record Grant(String method, String object, Instant expires, String md5) {

    private byte[] bytes() {
      return String.join("\n", method, Long.toString(expires.getEpochSecond()), md5, object)
          .getBytes(StandardCharsets.UTF_8);
    }
  }

  /** The signature in hex. */
  String sign(Grant grant) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      return HexFormat.of().formatHex(mac.doFinal(grant.bytes()));
    } catch (NoSuchAlgorithmException | InvalidKeyException impossible) {
      throw new IllegalStateException("every Java has " + ALGORITHM, impossible);
    }
  }

  /** Compares in constant time. */
  boolean isSigned(Grant grant, String signature) {
    return MessageDigest.isEqual(
        sign(grant).getBytes(StandardCharsets.UTF_8), signature.getBytes(StandardCharsets.UTF_8));
  }
}
