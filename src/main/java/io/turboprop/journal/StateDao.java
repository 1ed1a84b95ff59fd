package io.turboprop.journal;

import io.turboprop.journal.JournalStatements.SnapshotBefore;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.jdbc.config.SnapshotConfig;
import org.apache.pekko.persistence.jdbc.snapshot.dao.SnapshotDao;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.stream.Materializer;
import scala.Option;
import scala.Tuple2;
import scala.concurrent.ExecutionContext;
import scala.concurrent.Future;
import scala.concurrent.Future$;
import scala.jdk.javaapi.FutureConverters;
import scala.jdk.javaapi.OptionConverters;
import scala.runtime.BoxedUnit;

/**
 * The snapshot DAO of Pekko Persistence JDBC, beside {@link StepDao}. It deletes no snapshots: a
 * trigger of the table deletes old ones.
 */
public final class StateDao implements SnapshotDao {
  private final JournalConnections connections;
  private final JournalPayloads payloads;

  /** The constructor that Pekko Persistence JDBC calls; the arguments for Slick are not used. */
  public StateDao(
      slick.jdbc.JdbcBackend.JdbcDatabaseDef database,
      slick.jdbc.JdbcProfile profile,
      SnapshotConfig config,
      Serialization serialization,
      ExecutionContext executor,
      Materializer materializer) {
    this.connections = JournalConnections.of(serialization.system());
    this.payloads = new JournalPayloads(serialization);
  }

  @Override
  public Future<Option<Tuple2<SnapshotMetadata, Object>>> latestSnapshot(String persistenceId) {
    return find(persistenceId, Long.MAX_VALUE, Long.MAX_VALUE);
  }

  @Override
  public Future<Option<Tuple2<SnapshotMetadata, Object>>> snapshotForMaxTimestamp(
      String persistenceId, long timestamp) {
    return find(persistenceId, Long.MAX_VALUE, timestamp);
  }

  @Override
  public Future<Option<Tuple2<SnapshotMetadata, Object>>> snapshotForMaxSequenceNr(
      String persistenceId, long sequenceNumber) {
    return find(persistenceId, sequenceNumber, Long.MAX_VALUE);
  }

  @Override
  public Future<Option<Tuple2<SnapshotMetadata, Object>>> snapshotForMaxSequenceNrAndMaxTimestamp(
      String persistenceId, long sequenceNumber, long timestamp) {
    return find(persistenceId, sequenceNumber, timestamp);
  }

  private Future<Option<Tuple2<SnapshotMetadata, Object>>> find(
      String persistenceId, long sequenceNumber, long timestamp) {
    return FutureConverters.asScala(
        connections
            .snapshot(new SnapshotBefore(persistenceId, sequenceNumber, timestamp))
            .thenApply(
                rows -> OptionConverters.toScala(rows.stream().findFirst().map(this::snapshot))));
  }

  private Tuple2<SnapshotMetadata, Object> snapshot(JournalRow row) {
    return new Tuple2<>(
        SnapshotMetadata.apply(row.persistenceId(), row.sequenceNumber(), row.timestamp()),
        payloads.payload(row));
  }

  @Override
  public Future<BoxedUnit> save(SnapshotMetadata metadata, Object snapshot) {
    var row =
        payloads.row(
            metadata.persistenceId(), metadata.sequenceNr(), metadata.timestamp(), "", snapshot);
    return FutureConverters.asScala(connections.writeSnapshot(row).thenApply(_ -> BoxedUnit.UNIT));
  }

  @Override
  public Future<BoxedUnit> delete(String persistenceId, long sequenceNumber) {
    return unsupported();
  }

  @Override
  public Future<BoxedUnit> deleteAllSnapshots(String persistenceId) {
    return unsupported();
  }

  @Override
  public Future<BoxedUnit> deleteUpToMaxSequenceNr(String persistenceId, long sequenceNumber) {
    return unsupported();
  }

  @Override
  public Future<BoxedUnit> deleteUpToMaxTimestamp(String persistenceId, long timestamp) {
    return unsupported();
  }

  @Override
  public Future<BoxedUnit> deleteUpToMaxSequenceNrAndMaxTimestamp(
      String persistenceId, long sequenceNumber, long timestamp) {
    return unsupported();
  }

  private static Future<BoxedUnit> unsupported() {
    return Future$.MODULE$.failed(
        new UnsupportedOperationException("the table itself deletes old snapshots"));
  }
}
