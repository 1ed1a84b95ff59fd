package io.turboprop.journal;

import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.Serializers;

/** Converts between the objects that actors store and rows. */
record JournalPayloads(Serialization serialization) {

  /** A row with {@code payload} serialized; for the rest see {@link JournalRow}. */
  JournalRow row(
      String persistenceId, long sequenceNumber, long timestamp, String writer, Object payload) {
    var serializer = serialization.findSerializerFor(payload);
    return new JournalRow(
        persistenceId,
        sequenceNumber,
        timestamp,
        writer,
        serializer.identifier(),
        Serializers.manifestFor(serializer, payload),
        serializer.toBinary(payload));
  }

  /** The object of a row; throws the serializer's exceptions. */
  Object payload(JournalRow row) {
    return serialization.deserialize(row.payload(), row.serializer(), row.manifest()).get();
  }
}
