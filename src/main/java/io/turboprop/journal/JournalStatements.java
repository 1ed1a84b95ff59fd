package io.turboprop.journal;

import io.turboprop.store.ArrayColumn;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import javax.sql.DataSource;

/**
 * The journal's SQL statements. Each call is one transaction that serves many executions.
 *
 * <p>The statements are text and not jOOQ, since they run for every step of every execution. One
 * statement takes many rows, each column as one array that {@code unnest} takes apart; so a batch
 * is the same text whatever its size, which the driver prepares once for each connection.
 */
record JournalStatements(DataSource connections) {

  /** Rows of one execution, from one sequence number to another, both included. */
  record Range(String persistenceId, long from, long to, int limit) {}

  /** The last snapshot of an execution up to a sequence number and a moment. */
  record SnapshotBefore(String persistenceId, long sequenceNumber, long timestamp) {}

  private static final List<ArrayColumn<JournalRow>> KEY =
      ArrayColumn.list(
          ArrayColumn.text("persistence_id", JournalRow::persistenceId),
          ArrayColumn.bigint("sequence_number", JournalRow::sequenceNumber));

  private static final List<ArrayColumn<JournalRow>> STEP =
      ArrayColumn.list(
          KEY,
          ArrayColumn.bigint("write_timestamp", JournalRow::timestamp),
          ArrayColumn.text("writer", JournalRow::writer),
          ArrayColumn.integer("event_ser_id", JournalRow::serializer),
          ArrayColumn.text("event_ser_manifest", JournalRow::manifest),
          ArrayColumn.binary("event_payload", JournalRow::payload));

  private static final List<ArrayColumn<JournalRow>> SNAPSHOT =
      ArrayColumn.list(
          KEY,
          ArrayColumn.bigint("created", JournalRow::timestamp),
          ArrayColumn.integer("snapshot_ser_id", JournalRow::serializer),
          ArrayColumn.text("snapshot_ser_manifest", JournalRow::manifest),
          ArrayColumn.binary("snapshot_payload", JournalRow::payload));

  private static final String INSERT_STEPS =
      "insert into event_journal (%s) %s"
          .formatted(ArrayColumn.names(STEP), ArrayColumn.select(STEP));

  private static final String INSERT_SNAPSHOTS =
      """
      insert into snapshot (%s) %s
      on conflict (persistence_id, sequence_number) do update set
        created = excluded.created, snapshot_ser_id = excluded.snapshot_ser_id,
        snapshot_ser_manifest = excluded.snapshot_ser_manifest,
        snapshot_payload = excluded.snapshot_payload
      """
          .formatted(ArrayColumn.names(SNAPSHOT), ArrayColumn.select(SNAPSHOT));

  private static final String HIGHEST_SEQUENCE_NUMBERS =
      """
      select (select max(sequence_number) from event_journal where persistence_id = request.id)
      from unnest(?::text[]) with ordinality as request(id, ordinal) order by ordinal
      """;

  private static final String RANGES =
      """
      select ordinal, persistence_id, sequence_number, write_timestamp, writer,
        event_ser_id, event_ser_manifest, event_payload
      from unnest(?::text[], ?::int8[], ?::int8[], ?::int8[]) with ordinality
        as request(id, first, last, most, ordinal)
      cross join lateral (
        select * from event_journal
        where persistence_id = request.id and sequence_number between request.first and request.last
        order by sequence_number limit request.most) as step
      order by ordinal, sequence_number
      """;

  private static final String SNAPSHOTS =
      """
      select ordinal, persistence_id, sequence_number, created, '',
        snapshot_ser_id, snapshot_ser_manifest, snapshot_payload
      from unnest(?::text[], ?::int8[], ?::int8[]) with ordinality
        as request(id, highest, latest, ordinal)
      cross join lateral (
        select * from snapshot
        where persistence_id = request.id and sequence_number <= request.highest
          and created <= request.latest
        order by sequence_number desc limit 1) as taken
      """;

  /** Writes the steps of all requests, or none. */
  List<Boolean> insertSteps(List<List<JournalRow>> writes) throws SQLException {
    insert(INSERT_STEPS, STEP, writes.stream().flatMap(List::stream).toList());
    return Collections.nCopies(writes.size(), true);
  }

  /** Writes all snapshots or none; a snapshot of the same number is replaced. */
  List<Boolean> insertSnapshots(List<JournalRow> snapshots) throws SQLException {
    insert(INSERT_SNAPSHOTS, SNAPSHOT, snapshots);
    return Collections.nCopies(snapshots.size(), true);
  }

  private void insert(
      String statement, List<ArrayColumn<JournalRow>> columns, List<JournalRow> rows)
      throws SQLException {
    try (var connection = connections.getConnection();
        var insertion = connection.prepareStatement(statement)) {
      ArrayColumn.bind(connection, insertion, columns, rows);
      insertion.executeUpdate();
    }
  }

  /** The sequence number of the last step of each execution; 0 where there is none. */
  List<Long> highestSequenceNumbers(List<String> persistenceIds) throws SQLException {
    try (var connection = connections.getConnection();
        var query = connection.prepareStatement(HIGHEST_SEQUENCE_NUMBERS)) {
      query.setArray(1, connection.createArrayOf("text", persistenceIds.toArray()));
      var highest = new ArrayList<Long>(persistenceIds.size());
      try (var result = query.executeQuery()) {
        while (result.next()) {
          highest.add(result.getLong(1));
        }
      }
      return highest;
    }
  }

  /** The steps of each range, in the order of their numbers, at most its limit. */
  List<List<JournalRow>> steps(List<Range> ranges) throws SQLException {
    try (var connection = connections.getConnection();
        var query = connection.prepareStatement(RANGES)) {
      var ids = ranges.stream().map(Range::persistenceId).toArray();
      query.setArray(1, connection.createArrayOf("text", ids));
      query.setArray(2, connection.createArrayOf("int8", numbers(ranges, Range::from)));
      query.setArray(3, connection.createArrayOf("int8", numbers(ranges, Range::to)));
      query.setArray(4, connection.createArrayOf("int8", numbers(ranges, Range::limit)));
      return read(query, ranges.size());
    }
  }

  /** The snapshots of each request: none, or one. */
  List<List<JournalRow>> snapshots(List<SnapshotBefore> requests) throws SQLException {
    try (var connection = connections.getConnection();
        var query = connection.prepareStatement(SNAPSHOTS)) {
      var ids = requests.stream().map(SnapshotBefore::persistenceId).toArray();
      var highest = numbers(requests, SnapshotBefore::sequenceNumber);
      var latest = numbers(requests, SnapshotBefore::timestamp);
      query.setArray(1, connection.createArrayOf("text", ids));
      query.setArray(2, connection.createArrayOf("int8", highest));
      query.setArray(3, connection.createArrayOf("int8", latest));
      return read(query, requests.size());
    }
  }

  private static <R> Object[] numbers(List<R> requests, java.util.function.ToLongFunction<R> of) {
    return requests.stream().mapToLong(of).boxed().toArray();
  }

  /** Groups the rows of a result by its first column, the number of the request, from 1. */
  private static List<List<JournalRow>> read(PreparedStatement query, int requests)
      throws SQLException {
    var found = new HashMap<Long, List<JournalRow>>();
    try (var result = query.executeQuery()) {
      while (result.next()) {
        found.computeIfAbsent(result.getLong(1), _ -> new ArrayList<>()).add(row(result));
      }
    }
    var responses = new ArrayList<List<JournalRow>>(requests);
    for (long ordinal = 1; ordinal <= requests; ordinal++) {
      responses.add(found.getOrDefault(ordinal, List.of()));
    }
    return responses;
  }

  private static JournalRow row(ResultSet result) throws SQLException {
    return new JournalRow(
        result.getString(2),
        result.getLong(3),
        result.getLong(4),
        result.getString(5),
        result.getInt(6),
        result.getString(7),
        result.getBytes(8));
  }
}
