package io.turboprop.data;

/**
 * A stored object was written by a newer version of Turboprop, in a format that this version can't
 * read. The object is sound, and an engine of the newer version can use it. So this exception is no
 * reason to end or change an execution.
 */
public final class NewerFormatException extends RuntimeException {

  /** The kind of stored object. */
  public enum Stored {
    EVENT("an event of the journal"),
    SNAPSHOT("a snapshot"),
    PLAN("a plan");

    private final String text;

    Stored(String text) {
      this.text = text;
    }
  }

  /**
   * @param found the part that this version does not know, e.g. {@code format 3} or {@code a kind
   *     of event}
   */
  public NewerFormatException(Stored stored, String found) {
    super(
        ("%s was written by a newer version of Turboprop (%s is unknown to this version); it is"
                + " left as it is: run the newer version to go on")
            .formatted(stored.text, found));
  }
}
