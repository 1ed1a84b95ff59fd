package io.turboprop.data.object;

import io.turboprop.data.DataReference;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A prefix of keys in a bucket.
 *
 * @param reference the prefix as it is configured, without a slash at the end
 * @param authority the bucket; for Azure perhaps {@code container@account.dfs.core.windows.net}
 * @param prefix the keys' prefix, without slashes at its ends; empty for the whole bucket
 */
record ObjectLocation(DataReference reference, String authority, String prefix) {
  private static final Pattern URI = Pattern.compile("([a-z0-9]+)://([^/]+)(?:/(.*?))?/*");

  /**
   * Parses a URI such as {@code s3://bucket/prefix}.
   *
   * @throws IllegalArgumentException when it has no bucket or an empty name between slashes
   */
  static ObjectLocation of(DataReference reference) {
    var matcher = URI.matcher(reference.uri());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(reference + " names no bucket; write s3://BUCKET/PREFIX");
    }
    var prefix = Optional.ofNullable(matcher.group(3)).orElse("");
    if (prefix.startsWith("/") || !isKey(prefix + "/x")) {
      throw new IllegalArgumentException(
          reference + " has an empty name, a . or a .. between slashes");
    }
    var root = matcher.group(1) + "://" + matcher.group(2);
    return new ObjectLocation(
        new DataReference(prefix.isEmpty() ? root : root + "/" + prefix), matcher.group(2), prefix);
  }

  /**
   * The key of an object below this prefix; empty if the reference lies elsewhere or has a part
   * ({@code .} or {@code ..}) that a server could take for another folder.
   */
  Optional<String> key(DataReference object) {
    var head = reference.uri() + "/";
    if (!object.uri().startsWith(head) || !isKey(object.uri().substring(head.length()))) {
      return Optional.empty();
    }
    var below = object.uri().substring(head.length());
    return Optional.of(prefix.isEmpty() ? below : prefix + "/" + below);
  }

  /** The reference of an object of the bucket whose key begins with the prefix. */
  DataReference object(String key) {
    return reference.child(prefix.isEmpty() ? key : key.substring(prefix.length() + 1));
  }

  private static boolean isKey(String path) {
    for (var segment : path.split("/", -1)) {
      if (segment.equals(".") || segment.equals("..") || segment.indexOf(0) >= 0) {
        return false;
      }
    }
    return true;
  }
}
