package io.turboprop.data;

/**
 * The place of one object in the blob store: a URI with a scheme ({@code s3://…}) or an absolute
 * path, as Flyte's tasks see it.
 */
public record DataReference(String uri) {

  /** The place below this one; slashes at the seams are folded into one. */
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
