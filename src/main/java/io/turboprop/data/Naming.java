package io.turboprop.data;

import io.turboprop.data.Fnv1a.Width;
import java.util.regex.Pattern;

/**
 * Derives names from other names, as FlytePropeller does. The same parts always give the same name,
 * so a repeated creation under a derived name is harmless.
 */
public final class Naming {

  /** The longest name of a task's resources, unless the plugin allows less. */
  public static final int GENERATED_NAME_LENGTH_MAX = 50;

  private static final int NODE_ID_LENGTH_MAX = 20;
  private static final int EXECUTION_NAME_LENGTH_MAX = 20;
  private static final char SEPARATOR = '-';
  private static final char HASHED = 'f';
  private static final Pattern OF_MANY = Pattern.compile("/n\\d{3,}(?:/|$)");
  private static final String BASE_32 = "abcdefghijklmnopqrstuvwxyz123456";
  private static final String SHARD = "abcdefghijklmnopqrstuvwxyz0123456789";

  private Naming() {}

  /**
   * The id of a node as clients see it, qualified by the enclosing nodes and their attempts: {@code
   * n0}, {@code n0-1-n2}; a hash if this is longer than 20 characters. Unlike in Flyte, the hash is
   * longer for a node that may be an element of a large array or below one, because short hashes of
   * so many nodes would collide.
   */
  public static String uniqueNodeId(NodePath path) {
    var parent = path.parent().map(Naming::uniqueNodeId).orElse("");
    var attempt = path.isRoot() ? "" : String.valueOf(path.parentAttempt());
    var ofMany = path.text().length() > NODE_ID_LENGTH_MAX && OF_MANY.matcher(path.text()).find();
    return fixedLength(
        NODE_ID_LENGTH_MAX, ofMany ? Width.BITS_64 : Width.BITS_32, parent, attempt, path.nodeId());
  }

  /** The name of the resources that an attempt of a task starts, at most 50 characters. */
  public static String generatedName(String executionName, String uniqueNodeId, int attempt) {
    return generatedName(executionName, uniqueNodeId, attempt, GENERATED_NAME_LENGTH_MAX);
  }

  /** Like {@link #generatedName(String, String, int)}, for a plugin with its own limit. */
  public static String generatedName(
      String executionName, String uniqueNodeId, int attempt, int lengthMax) {
    return fixedLength(
        lengthMax, Width.BITS_32, executionName, uniqueNodeId, String.valueOf(attempt));
  }

  /**
   * Like {@link #generatedName(String, String, int)}, for an element of an array: a long name gets
   * a longer hash, because short hashes of many elements would collide.
   */
  public static String generatedElementName(
      String executionName, String uniqueNodeId, int attempt) {
    return fixedLength(
        GENERATED_NAME_LENGTH_MAX,
        Width.BITS_64,
        executionName,
        uniqueNodeId,
        String.valueOf(attempt));
  }

  /** The name of an element of an array node, from the array node's generated name. */
  public static String elementName(String arrayGeneratedName, int index, int attempt) {
    return arrayGeneratedName + "-n" + index + SEPARATOR + attempt;
  }

  /** The name of the execution that a launch plan node starts, at most 20 characters. */
  public static String childExecutionName(String executionName, String uniqueNodeId, int attempt) {
    return fixedLength(
        EXECUTION_NAME_LENGTH_MAX,
        Width.BITS_64,
        executionName,
        uniqueNodeId,
        String.valueOf(attempt));
  }

  /** Two characters that spread raw outputs over 1296 prefixes, as in Flyte. */
  public static String rawOutputShard(String generatedName) {
    var characters = SHARD.length();
    var index = Integer.remainderUnsigned(Fnv1a.hash32(generatedName), characters * characters);
    return "" + SHARD.charAt(index / characters) + SHARD.charAt(index % characters);
  }

  /**
   * Joins parts with dashes, without leading empty parts; a result that is too long is replaced by
   * {@code f} and its hash (7, 13 or 26 characters).
   *
   * @throws IllegalArgumentException when the hash is too long as well
   */
  public static String fixedLength(int lengthMax, Width width, String... parts) {
    var joined = new StringBuilder();
    for (var part : parts) {
      if (!joined.isEmpty()) {
        joined.append(SEPARATOR);
      }
      joined.append(part);
    }
    if (joined.length() <= lengthMax) {
      return joined.toString();
    }
    var hashed = HASHED + base32(width.hash(joined.toString()));
    if (hashed.length() > lengthMax) {
      throw new IllegalArgumentException(
          "the hash of '"
              + joined
              + "' has "
              + hashed.length()
              + " characters; at most "
              + lengthMax
              + " are allowed");
    }
    return hashed;
  }

  /**
   * Flyte's base 32: bits in groups of five, most significant first, the last filled with zeros.
   */
  public static String base32(byte[] bytes) {
    var text = new StringBuilder();
    var buffer = 0;
    var bits = 0;
    for (var octet : bytes) {
      buffer = ((buffer << 8) | (octet & 0xff)) & 0xfff;
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        text.append(BASE_32.charAt(buffer >> bits & 0x1f));
      }
    }
    if (bits > 0) {
      text.append(BASE_32.charAt(buffer << (5 - bits) & 0x1f));
    }
    return text.toString();
  }
}
