package io.turboprop.journal;

/**
 * A row of the journal or of the snapshots: a serialized step or state of one execution.
 *
 * @param timestamp the time of its creation, in milliseconds since 1970
 * @param writer the incarnation of the actor that wrote it; empty for a snapshot
 * @param serializer Pekko's identifier of the serializer of {@code payload}
 * @param manifest the serializer's name for the type of {@code payload}
 */
// Nobody changes the bytes, so sharing the array is safe.
@SuppressWarnings("ArrayRecordComponent")
record JournalRow(
    String persistenceId,
    long sequenceNumber,
    long timestamp,
    String writer,
    int serializer,
    String manifest,
    byte[] payload) {

  /** About how much memory a row takes besides its payload. */
  private static final long OTHER_BYTES = 256;

  /** About how much memory the row takes. */
  long bytes() {
    return OTHER_BYTES + payload.length;
  }
}
