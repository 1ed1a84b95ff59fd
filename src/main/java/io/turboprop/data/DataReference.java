package io.turboprop.data;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The location of an object in the blob store: a URI with a scheme ({@code s3://…}) or an absolute
 * path, in the form that Flyte's tasks use.
 */
public record DataReference(String uri) {
  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):/.*");
  private static final Pattern FILE = Pattern.compile("^file:(?://(?:localhost)?)?(?=/(?!/))");

  /** The scheme in lower case, e.g. {@code s3}; empty for a plain path. */
  public Optional<String> scheme() {
    var matcher = SCHEME.matcher(uri);
    return matcher.matches()
        ? Optional.of(matcher.group(1).toLowerCase(Locale.ROOT))
        : Optional.empty();
  }

  /**
   * This reference without {@code file://}. Tasks need plain paths, and two spellings of a path
   * would make two cache entries. Other references stay unchanged.
   */
  public DataReference plain() {
    return scheme().filter("file"::equals).isPresent()
        ? new DataReference(FILE.matcher(uri).replaceFirst(""))
        : this;
  }

  /** The reference below this one; slashes where the parts meet become a single slash. */
  public DataReference child(String segment) {
    var head = uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
    var tail = segment.startsWith("/") ? segment.substring(1) : segment;
    return new DataReference(head + "/" + tail);
  }

  @Override
  public String toString() {
    return uri;
  }
}
