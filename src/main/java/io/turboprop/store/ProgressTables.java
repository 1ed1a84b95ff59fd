package io.turboprop.store;

import io.turboprop.data.EntityId;
import io.turboprop.postgres.StoreException;
import io.turboprop.workflow.state.AttemptSummary.Cache;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Writes the steps of many executions into the tables that clients read, in one transaction with
 * one statement per table. Every step is applied exactly once.
 *
 * <p>The row of an execution holds the number of its last written step. A change is left out as a
 * whole if it does not follow directly on that step, or if the execution has ended.
 *
 * <p>The SQL is text and not jOOQ, as that of {@link WaitingParents} and of the journal, because it
 * runs for every step of every execution. One statement writes many rows: each column is one array
 * parameter, which {@code unnest} turns into rows ({@link ArrayColumn}). The statements are the
 * same for all sizes of batches, so the driver prepares each once for a connection.
 */
public final class ProgressTables {
  /**
   * {@code flyteidl.core.WorkflowExecution.Phase.ABORTING}: after it, only the end of the execution
   * changes the phase.
   */
  private static final int ABORTING = 9;

  /** {@code flyteidl.core.TaskExecution.Phase.RUNNING}. */
  private static final int TASK_RUNNING = 2;

  private static final List<ArrayColumn<ExecutionChange>> EXECUTION =
      ArrayColumn.list(
          ArrayColumn.bigint("number", ExecutionChange::number),
          ArrayColumn.bigint("after", ExecutionChange::after),
          ArrayColumn.bigint("through", ExecutionChange::through),
          ArrayColumn.integer("phase", ExecutionChange::phase),
          ArrayColumn.bool("final", ExecutionChange::ended),
          ArrayColumn.instant("started_at", change -> change.moments().startedAt()),
          ArrayColumn.instant("updated_at", change -> change.moments().updatedAt()),
          ArrayColumn.instant("ended_at", change -> change.moments().endedAt()),
          ArrayColumn.values("outputs", ExecutionChange::outputs),
          ArrayColumn.error(ExecutionChange::error),
          ArrayColumn.text("abort_cause", ExecutionChange::abortCause),
          ArrayColumn.bigint("nodes_made", ExecutionChange::nodesMade),
          ArrayColumn.bool("sleeps", change -> change.sleep() != null),
          ArrayColumn.instant("wake_up", ProgressTables::wakeUp));

  private static final List<ArrayColumn<NodeExecutionChange>> NODE =
      ArrayColumn.list(
          ArrayColumn.bigint("execution_number", RowChange::execution),
          ArrayColumn.text("node_id", change -> change.key().nodeId()),
          ArrayColumn.text("path", change -> change.path().text()),
          ArrayColumn.text("parent_id", NodeExecutionChange::parentId),
          ArrayColumn.bool("is_parent", NodeExecutionChange::parent),
          ArrayColumn.integer("phase", NodeExecutionChange::phase),
          ArrayColumn.integer("attempt", NodeExecutionChange::attempt),
          ArrayColumn.instant("created_at", change -> change.moments().createdOrUpdatedAt()),
          ArrayColumn.instant("started_at", change -> change.moments().startedAt()),
          ArrayColumn.instant("updated_at", change -> change.moments().updatedAt()),
          ArrayColumn.instant("ended_at", change -> change.moments().endedAt()),
          ArrayColumn.values("outputs", NodeExecutionChange::outputs),
          ArrayColumn.error(NodeExecutionChange::error),
          ArrayColumn.integer(
              "cache_status",
              change -> change.cache() instanceof Cache cache ? cache.status().number() : null),
          ArrayColumn.bytes(
              "cache_key",
              change ->
                  change.cache() instanceof Cache cache && !cache.key().isEmpty()
                      ? cache.key()
                      : null),
          ArrayColumn.text("deck_uri", NodeExecutionChange::deckUri));

  private static final List<ArrayColumn<TaskExecutionChange>> TASK =
      ArrayColumn.list(
          ArrayColumn.bigint("execution_number", RowChange::execution),
          ArrayColumn.text("node_id", change -> change.key().nodeId()),
          ArrayColumn.integer("attempt", change -> change.key().attempt()),
          ArrayColumn.text("task_project", change -> task(change).project()),
          ArrayColumn.text("task_domain", change -> task(change).domain()),
          ArrayColumn.text("task_name", change -> task(change).name()),
          ArrayColumn.text("task_version", change -> task(change).version()),
          ArrayColumn.integer("phase", TaskExecutionChange::phase),
          ArrayColumn.integer("phase_version", TaskExecutionChange::phaseVersion),
          ArrayColumn.instant("created_at", change -> change.moments().createdOrUpdatedAt()),
          ArrayColumn.instant("started_at", change -> change.moments().startedAt()),
          ArrayColumn.instant("updated_at", change -> change.moments().updatedAt()),
          ArrayColumn.instant("ended_at", change -> change.moments().endedAt()),
          ArrayColumn.instant("initializing_at", change -> change.startUp().initializingAt()),
          ArrayColumn.instant("code_began_at", change -> change.startUp().codeBeganAt()),
          ArrayColumn.bytes("details", TaskExecutionChange::details),
          ArrayColumn.bytes("reasons", TaskExecutionChange::reasons),
          ArrayColumn.error(TaskExecutionChange::error),
          ArrayColumn.integer("elements", TaskExecutionChange::elements));

  /** The columns of a change that is written only if the attempt has a row. */
  private static final List<ArrayColumn<TaskExecutionChange>> TASK_IF_THERE =
      TASK.stream().filter(column -> !column.name().startsWith("task_")).toList();

  private static final List<ArrayColumn<ArrayElementChange>> ELEMENT =
      ArrayColumn.list(
          ArrayColumn.bigint("execution_number", RowChange::execution),
          ArrayColumn.text("node_id", change -> change.key().nodeId()),
          ArrayColumn.integer("attempt", change -> change.key().attempt()),
          ArrayColumn.integer("index", change -> change.key().index()),
          ArrayColumn.integer("phase", ArrayElementChange::phase),
          ArrayColumn.integer("retry", ArrayElementChange::retry),
          ArrayColumn.integer("cache_status", ArrayElementChange::cacheStatus),
          ArrayColumn.instant("started_at", ArrayElementChange::startedAt),
          ArrayColumn.instant("updated_at", ArrayElementChange::updatedAt),
          ArrayColumn.bytes("details", ArrayElementChange::details));

  private static final String UPDATE_EXECUTION =
      """
      update execution as e set
        published_through = v.through,
        phase = case when v.phase is null or (e.phase = %d and not v.final) then e.phase else v.phase end,
        final = v.final,
        started_at = coalesce(e.started_at, v.started_at),
        updated_at = case when v.phase is null then e.updated_at else v.updated_at end,
        ended_at = coalesce(v.ended_at, e.ended_at),
        outputs = coalesce(v.outputs, e.outputs),
        outputs_uri = coalesce(v.outputs_uri, e.outputs_uri),
        error_code = coalesce(v.error_code, e.error_code),
        error_message = coalesce(v.error_message, e.error_message),
        error_kind = coalesce(v.error_kind, e.error_kind),
        abort_cause = coalesce(e.abort_cause, v.abort_cause),
        nodes_made = e.nodes_made + v.nodes_made,
        wake_up = case
          when v.final then null
          when v.sleeps then coalesce(v.wake_up, 'infinity')
          else null end,
        parked_at = null,
        parked_reason = null
      from (%s) as v
      where e.number = v.number and e.published_through = v.after and not e.final
      returning e.number
      """
          .formatted(ABORTING, ArrayColumn.select(EXECUTION));

  private static final String UPSERT_NODE =
      """
      insert into node_execution as n (%s) %s
      on conflict (execution_number, node_id) do update set
        is_parent = n.is_parent or excluded.is_parent,
        phase = excluded.phase,
        attempt = excluded.attempt,
        started_at = coalesce(n.started_at, excluded.started_at),
        updated_at = excluded.updated_at,
        ended_at = coalesce(excluded.ended_at, n.ended_at),
        outputs = coalesce(excluded.outputs, n.outputs),
        outputs_uri = coalesce(excluded.outputs_uri, n.outputs_uri),
        error_code = coalesce(excluded.error_code, n.error_code),
        error_message = coalesce(excluded.error_message, n.error_message),
        error_kind = coalesce(excluded.error_kind, n.error_kind),
        cache_status = coalesce(excluded.cache_status, n.cache_status),
        cache_key = coalesce(excluded.cache_key, n.cache_key),
        deck_uri = coalesce(excluded.deck_uri, n.deck_uri)
      """
          .formatted(ArrayColumn.names(NODE), ArrayColumn.select(NODE));

  /**
   * The assignments of a change to an attempt's row; a row of an attempt that has succeeded stays
   * as it is ({@link TaskExecutionChange#then}). Adds no reason once the list of reasons is long;
   * the details always have the last reason.
   */
  private static final String CHANGE_TASK =
      """
        phase = v.phase,
        phase_version = v.phase_version,
        started_at = coalesce(t.started_at, v.started_at),
        updated_at = v.updated_at,
        ended_at = coalesce(v.ended_at, t.ended_at),
        initializing_at = coalesce(t.initializing_at, v.initializing_at),
        code_began_at = coalesce(t.code_began_at, v.code_began_at),
        details = coalesce(v.details, t.details),
        reasons = case when octet_length(t.reasons) > 65536 then t.reasons else t.reasons || v.reasons end,
        error_code = coalesce(v.error_code, t.error_code),
        error_message = coalesce(v.error_message, t.error_message),
        error_kind = coalesce(v.error_kind, t.error_kind),
        elements = coalesce(v.elements, t.elements)
      """;

  private static final String UPSERT_TASK =
      """
      insert into task_execution as t (%s) %s
      on conflict (execution_number, node_id, attempt) do update set
      %s
      where t.phase <> %d
      """
          .formatted(
              ArrayColumn.names(TASK),
              ArrayColumn.select(TASK),
              CHANGE_TASK.replace("v.", "excluded."),
              TaskExecutionChange.SUCCEEDED);

  private static final String UPDATE_TASK =
      """
      update task_execution as t set
      %s
      from (%s) as v
      where (t.execution_number, t.node_id, t.attempt) = (v.execution_number, v.node_id, v.attempt)
        and t.phase <> %d
      """
          .formatted(CHANGE_TASK, ArrayColumn.select(TASK_IF_THERE), TaskExecutionChange.SUCCEEDED);

  /**
   * While the array runs, each change of an element also increases the version of the array's own
   * task execution.
   */
  private static final String UPSERT_ELEMENT =
      """
      with changed as (
        insert into array_element as e (%s) %s
        on conflict (execution_number, node_id, attempt, index) do update set
          phase = excluded.phase,
          retry = excluded.retry,
          cache_status = excluded.cache_status,
          started_at = case
            when e.retry = excluded.retry then coalesce(e.started_at, excluded.started_at)
            else excluded.started_at end,
          updated_at = excluded.updated_at,
          details = coalesce(excluded.details, e.details)
        returning e.execution_number, e.node_id, e.updated_at)
      update task_execution as t set
        phase_version = t.phase_version + v.changes,
        updated_at = greatest(t.updated_at, v.updated_at)
      from (
        select execution_number, node_id, count(*) as changes, max(updated_at) as updated_at
        from changed group by execution_number, node_id) as v
      where (t.execution_number, t.node_id, t.attempt) = (v.execution_number, v.node_id, 0)
        and t.phase = %d
      """
          .formatted(ArrayColumn.names(ELEMENT), ArrayColumn.select(ELEMENT), TASK_RUNNING);

  private final Database database;
  private final ReportedExecutions reported;

  public ProgressTables(Database database) {
    this(database, ReportedExecutions.NONE);
  }

  /**
   * @param reported selects the executions for which the first step adds a row to {@link
   *     FlyteAdminTables}
   */
  public ProgressTables(Database database, ReportedExecutions reported) {
    this.database = database;
    this.reported = reported;
  }

  /** The changes of one transaction; at most one for each row. */
  public record Changes(
      Collection<ExecutionChange> executions,
      Collection<NodeExecutionChange> nodes,
      Collection<TaskExecutionChange> tasks,
      Collection<ArrayElementChange> elements) {}

  /**
   * The result of a write.
   *
   * @param refused the numbers of the executions of which nothing was written: their last written
   *     step is not the expected one, or they have ended, or they do not exist
   * @param parents the nodes to notify, because they waited for an end that was written
   */
  public record Written(Set<Long> refused, List<ParentNode> parents) {}

  /**
   * Writes all changes, except those of executions whose last written step they do not follow.
   *
   * @throws StoreException one of {@link DatabaseFailures}; nothing was written, unless the outage
   *     came with the commit
   */
  public Written write(Changes changes) {
    try (var connection = database.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      try {
        var written = write(connection, changes);
        connection.commit();
        return written;
      } catch (SQLException | RuntimeException e) {
        rollBack(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw DatabaseFailures.of(e);
    }
  }

  private static void rollBack(Connection connection, Exception cause) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /**
   * Writes the rows of executions first: this locks them, and finds the executions that are left
   * out.
   */
  private Written write(Connection connection, Changes changes) throws SQLException {
    var waiting = WaitingParents.lock(connection, changes.executions());
    var refused = refused(connection, changes.executions());
    FlyteAdminTables.enrol(connection, reported, begun(changes.executions(), refused));
    var nodes = left(changes.nodes(), refused);
    var tasks = left(changes.tasks(), refused);
    execute(connection, UPSERT_NODE, NODE, nodes);
    execute(connection, UPSERT_TASK, TASK, where(tasks, change -> change.task() != null));
    execute(connection, UPDATE_TASK, TASK_IF_THERE, where(tasks, change -> change.task() == null));
    execute(connection, UPSERT_ELEMENT, ELEMENT, left(changes.elements(), refused));
    var parents = waiting.wake(refused);
    WaitingParents.wakeThoseWithUnseen(connection, asleep(changes.executions(), refused));
    return new Written(refused, parents);
  }

  private static Set<Long> refused(Connection connection, Collection<ExecutionChange> changes)
      throws SQLException {
    var refused =
        changes.stream()
            .map(ExecutionChange::number)
            .collect(Collectors.toCollection(HashSet::new));
    try (var statement = connection.prepareStatement(UPDATE_EXECUTION)) {
      ArrayColumn.bind(connection, statement, EXECUTION, List.copyOf(changes));
      try (var written = statement.executeQuery()) {
        while (written.next()) {
          refused.remove(written.getLong(1));
        }
      }
    }
    return refused;
  }

  private static List<Long> begun(Collection<ExecutionChange> changes, Set<Long> refused) {
    return left(changes, refused).stream()
        .filter(change -> change.after() == 0)
        .map(ExecutionChange::number)
        .toList();
  }

  private static List<Long> asleep(Collection<ExecutionChange> changes, Set<Long> refused) {
    return left(changes, refused).stream()
        .filter(change -> change.sleep() != null)
        .map(ExecutionChange::number)
        .toList();
  }

  private static <R> void execute(
      Connection connection, String sql, List<ArrayColumn<R>> columns, List<R> rows)
      throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (var statement = connection.prepareStatement(sql)) {
      ArrayColumn.bind(connection, statement, columns, rows);
      statement.executeUpdate();
    }
  }

  private static <R extends RowChange> List<R> left(Collection<R> changes, Set<Long> refused) {
    return where(changes, change -> !refused.contains(change.execution()));
  }

  private static <R> List<R> where(Collection<R> changes, Predicate<R> condition) {
    return changes.stream().filter(condition).toList();
  }

  private static EntityId task(TaskExecutionChange change) {
    return Objects.requireNonNull(change.task());
  }

  private static @Nullable Instant wakeUp(ExecutionChange change) {
    return change.sleep() instanceof ExecutionChange.Sleep(var until) ? until.orElse(null) : null;
  }
}
