package io.turboprop.data;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The Fowler-Noll-Vo hash, variant 1a, over the UTF-8 bytes of a text. */
public final class Fnv1a {
  private static final int OFFSET_32 = 0x811c9dc5;
  private static final int PRIME_32 = 0x01000193;
  private static final long OFFSET_64 = 0xcbf29ce484222325L;
  private static final long PRIME_64 = 0x00000100000001b3L;
  private static final BigInteger OFFSET_128 =
      new BigInteger("6c62272e07bb014262b821756295c58d", 16);
  private static final BigInteger PRIME_128 = new BigInteger("1000000000000000000013b", 16);
  private static final BigInteger MODULUS_128 = BigInteger.ONE.shiftLeft(128);

  private Fnv1a() {}

  /** The hash of 32 bits, an unsigned number. */
  public static int hash32(String text) {
    var hash = OFFSET_32;
    for (var octet : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * PRIME_32;
    }
    return hash;
  }

  /** The hash of 64 bits, an unsigned number. */
  public static long hash64(String text) {
    var hash = OFFSET_64;
    for (var octet : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (octet & 0xff)) * PRIME_64;
    }
    return hash;
  }

  /** The hash of 128 bits, not negative. */
  public static BigInteger hash128(String text) {
    var hash = OFFSET_128;
    for (var octet : text.getBytes(StandardCharsets.UTF_8)) {
      hash = hash.xor(BigInteger.valueOf(octet & 0xff)).multiply(PRIME_128).mod(MODULUS_128);
    }
    return hash;
  }

  /** The number of hash bits in a name. */
  public enum Width {
    BITS_32,
    BITS_64,
    BITS_128;

    /** The hash of a text, big-endian: 4, 8 or 16 bytes. */
    public byte[] hash(String text) {
      return switch (this) {
        case BITS_32 -> ByteBuffer.allocate(Integer.BYTES).putInt(hash32(text)).array();
        case BITS_64 -> ByteBuffer.allocate(Long.BYTES).putLong(hash64(text)).array();
        case BITS_128 -> {
          var hash = hash128(text);
          yield ByteBuffer.allocate(2 * Long.BYTES)
              .putLong(hash.shiftRight(Long.SIZE).longValue())
              .putLong(hash.longValue())
              .array();
        }
      };
    }
  }
}
