package io.turboprop.store;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The nodes that wait for executions whose end the current transaction writes. If the execution of
 * such a node sleeps, this class makes it due in the same transaction. So the message to the
 * execution may be lost: an execution in memory finds the end at the next sweep of the waker.
 *
 * <p>Another transaction may put the waiting execution to sleep at the same time. Both transactions
 * lock its row. If the end is written first, the transaction of the sleep finds it ({@link
 * #wakeThoseWithUnseen}); otherwise the transaction of the end finds the execution asleep.
 *
 * <p>Its statements are part of the batches of {@link ProgressTables}, on their connection, and are
 * text for the same reason.
 */
final class WaitingParents {
  /**
   * Reads each row by its primary key. "offset 0" keeps the planner from using the indexes of
   * executions under way: these change so often that most of their entries are dead.
   */
  private static final String FIND =
      """
      select c.number as child, p.number as parent, p.project, p.domain, p.name, c.parent_path
      from unnest(?::int8[]) as ended (number)
      cross join lateral (
        select number, parent_number, parent_path from execution
        where number = ended.number offset 0) as c
      cross join lateral (
        select number, project, domain, name, final from execution
        where number = c.parent_number offset 0) as p
      where c.parent_path is not null and not p.final
      """;

  /**
   * Locks in the order of the numbers, as all transactions that lock several executions do, so that
   * no two wait for each other.
   */
  private static final String LOCK =
      "select 1 from execution where number = any(?) order by number for no key update";

  private static final String WAKE =
      """
      update execution set wake_up = '-infinity'
      where number = any(?) and wake_up is not null and not final
      """;

  /** "offset 0" keeps the planner from computing the unhandled requests of all executions. */
  private static final String WAKE_THOSE_WITH_UNSEEN =
      """
      update execution set wake_up = '-infinity'
      where number = any(?) and not final
        and exists (select from unseen where execution_number = execution.number offset 0)
      """;

  private final Connection connection;
  private final List<Waiting> all;

  private record Waiting(long child, long parent, ParentNode node) {}

  private WaitingParents(Connection connection, List<Waiting> all) {
    this.connection = connection;
    this.all = all;
  }

  /** Finds and locks the executions that wait for the end of one of these, together with these. */
  static WaitingParents lock(Connection connection, Collection<ExecutionChange> changes)
      throws SQLException {
    var ended =
        changes.stream().filter(ExecutionChange::ended).map(ExecutionChange::number).toList();
    var all = ended.isEmpty() ? List.<Waiting>of() : find(connection, ended);
    if (!all.isEmpty()) {
      var changed = changes.stream().map(ExecutionChange::number);
      var numbers = Stream.concat(changed, all.stream().map(Waiting::parent)).distinct().toList();
      try (var statement = prepare(connection, LOCK, numbers)) {
        statement.execute();
      }
    }
    return new WaitingParents(connection, all);
  }

  private static List<Waiting> find(Connection connection, Collection<Long> ended)
      throws SQLException {
    var found = new ArrayList<Waiting>();
    try (var statement = prepare(connection, FIND, ended);
        var rows = statement.executeQuery()) {
      while (rows.next()) {
        found.add(
            new Waiting(
                rows.getLong("child"),
                rows.getLong("parent"),
                new ParentNode(
                    new ExecutionId(
                        rows.getString("project"),
                        rows.getString("domain"),
                        rows.getString("name")),
                    new NodePath(rows.getString("parent_path")))));
      }
    }
    return found;
  }

  /**
   * Makes the waiting executions that sleep due.
   *
   * @param refused the executions whose end was not written
   * @return the nodes to notify after the commit
   */
  List<ParentNode> wake(Set<Long> refused) throws SQLException {
    var told = all.stream().filter(waiting -> !refused.contains(waiting.child())).toList();
    if (!told.isEmpty()) {
      var numbers = told.stream().map(Waiting::parent).distinct().toList();
      try (var statement = prepare(connection, WAKE, numbers)) {
        statement.executeUpdate();
      }
    }
    return told.stream().map(Waiting::node).toList();
  }

  /**
   * Makes executions due that this transaction has put to sleep but that have an unhandled abort,
   * end of a child, or signal. This is a separate statement after the one that locked the rows, so
   * that it sees everything that was committed before the lock.
   */
  static void wakeThoseWithUnseen(Connection connection, Collection<Long> asleep)
      throws SQLException {
    if (!asleep.isEmpty()) {
      try (var statement = prepare(connection, WAKE_THOSE_WITH_UNSEEN, asleep)) {
        statement.executeUpdate();
      }
    }
  }

  private static PreparedStatement prepare(
      Connection connection, String sql, Collection<Long> numbers) throws SQLException {
    var statement = connection.prepareStatement(sql);
    statement.setArray(1, connection.createArrayOf("int8", numbers.toArray(Long[]::new)));
    return statement;
  }
}
