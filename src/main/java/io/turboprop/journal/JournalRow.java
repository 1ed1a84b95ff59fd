package io.turboprop.journal;

/**
 * A row of the journal or of its snapshots: something serialized, of one moment of an execution.
 *
 * @param timestamp when it was made, in milliseconds since 1970
 * @param writer the incarnation of the actor that wrote it; empty for a snapshot
 * @param serializer what wrote {@code payload}, by Pekko's identifier
 * @param manifest what {@code payload} is, for that serializer
 */
// The bytes are handed on, never changed.
@SuppressWarnings("ArrayRecordComponent")
record JournalRow(
    String persistenceId,
    long sequenceNumber,
    long timestamp,
    String writer,
    int serializer,
    String manifest,
    byte[] payload) {

  /** About what a row takes besides its payload. */
  private static final long OTHER_BYTES = 256;

  /** About how much memory it takes. */
  long bytes() {
    return OTHER_BYTES + payload.length;
  }
}
