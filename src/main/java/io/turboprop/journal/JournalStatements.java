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

/** What the journal says to PostgreSQL: each a transaction of its own, for many executions. */
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

  private static final String HEIGHTS =
      """
      select (select max(sequence_number) from event_journal where persistence_id = asked.id)
      from unnest(?::text[]) with ordinality as asked(id, place) order by place
      """;

  private static final String RANGES =
      """
      select place, persistence_id, sequence_number, write_timestamp, writer,
        event_ser_id, event_ser_manifest, event_payload
      from unnest(?::text[], ?::int8[], ?::int8[], ?::int8[]) with ordinality
        as asked(id, first, last, most, place)
      cross join lateral (
        select * from event_journal
        where persistence_id = asked.id and sequence_number between asked.first and asked.last
        order by sequence_number limit asked.most) as step
      order by place, sequence_number
      """;

  private static final String SNAPSHOTS =
      """
      select place, persistence_id, sequence_number, created, '',
        snapshot_ser_id, snapshot_ser_manifest, snapshot_payload
      from unnest(?::text[], ?::int8[], ?::int8[]) with ordinality
        as asked(id, highest, latest, place)
      cross join lateral (
        select * from snapshot
        where persistence_id = asked.id and sequence_number <= asked.highest
          and created <= asked.latest
        order by sequence_number desc limit 1) as taken
      """;

  /** Writes steps, all or none. */
  List<Boolean> insertSteps(List<List<JournalRow>> writes) throws SQLException {
    insert(INSERT_STEPS, STEP, writes.stream().flatMap(List::stream).toList());
    return Collections.nCopies(writes.size(), true);
  }

  /** Writes snapshots, all or none; one that is there already is replaced. */
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
  List<Long> heights(List<String> persistenceIds) throws SQLException {
    try (var connection = connections.getConnection();
        var query = connection.prepareStatement(HEIGHTS)) {
      query.setArray(1, connection.createArrayOf("text", persistenceIds.toArray()));
      var heights = new ArrayList<Long>(persistenceIds.size());
      try (var result = query.executeQuery()) {
        while (result.next()) {
          heights.add(result.getLong(1));
        }
      }
      return heights;
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

  /** The snapshot for each question: none, or one. */
  List<List<JournalRow>> snapshots(List<SnapshotBefore> questions) throws SQLException {
    try (var connection = connections.getConnection();
        var query = connection.prepareStatement(SNAPSHOTS)) {
      var ids = questions.stream().map(SnapshotBefore::persistenceId).toArray();
      var highest = numbers(questions, SnapshotBefore::sequenceNumber);
      var latest = numbers(questions, SnapshotBefore::timestamp);
      query.setArray(1, connection.createArrayOf("text", ids));
      query.setArray(2, connection.createArrayOf("int8", highest));
      query.setArray(3, connection.createArrayOf("int8", latest));
      return read(query, questions.size());
    }
  }

  private static <Q> Object[] numbers(List<Q> questions, java.util.function.ToLongFunction<Q> of) {
    return questions.stream().mapToLong(of).boxed().toArray();
  }

  /** The rows of a result whose first column says to which question they belong, from 1 on. */
  private static List<List<JournalRow>> read(PreparedStatement query, int questions)
      throws SQLException {
    var found = new HashMap<Long, List<JournalRow>>();
    try (var result = query.executeQuery()) {
      while (result.next()) {
        found.computeIfAbsent(result.getLong(1), _ -> new ArrayList<>()).add(row(result));
      }
    }
    var answers = new ArrayList<List<JournalRow>>(questions);
    for (long place = 1; place <= questions; place++) {
      answers.add(found.getOrDefault(place, List.of()));
    }
    return answers;
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
