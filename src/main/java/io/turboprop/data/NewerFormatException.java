package io.turboprop.data;

/**
 * Something stored was written by a newer version of Turboprop, in a format that this version can't
 * read. The stored thing is sound: an engine of the newer version goes on from it, so nothing that
 * depends on it may be ended or changed because of this exception.
 */
public final class NewerFormatException extends RuntimeException {

  /** What was to be read. */
  public enum Stored {
    EVENT("an event of the journal"),
    SNAPSHOT("a snapshot"),
    PLAN("a plan");

    private final String text;

    Stored(String text) {
      this.text = text;
    }
  }

  private final Stored stored;

  /**
   * @param found what this version does not know, e.g. {@code format 3} or {@code a kind of event}
   */
  public NewerFormatException(Stored stored, String found) {
    super(
        ("%s was written by a newer version of Turboprop (%s is unknown to this version); it is"
                + " left as it is: run the newer version to go on")
            .formatted(stored.text, found));
    this.stored = stored;
  }

  /** What could not be read. */
  public Stored stored() {
    return stored;
  }
}
