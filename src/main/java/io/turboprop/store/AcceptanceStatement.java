package io.turboprop.store;

import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Inserts the rows of accepted executions. The statement is text and not jOOQ, as those of {@link
 * ProgressTables}: it takes the executions of all callers that wait, each column as one array.
 */
final class AcceptanceStatement {
  /** Numbers of {@code flyteidl.core.WorkflowExecution.Phase}. */
  private static final int UNDEFINED = 0;

  private static final int QUEUED = 1;

  private static final List<ArrayColumn<NewExecution>> COLUMNS =
      ArrayColumn.list(
          ArrayColumn.text("project", execution -> execution.id().project()),
          ArrayColumn.text("domain", execution -> execution.id().domain()),
          ArrayColumn.text("name", execution -> execution.id().name()),
          ArrayColumn.text("plan_digest", NewExecution::planDigest),
          ArrayColumn.integer("launch_kind", execution -> execution.launched().kind().number()),
          entity("launch", NewExecution::launched),
          entity("workflow", NewExecution::workflow),
          ArrayColumn.bytes("spec", NewExecution::spec),
          ArrayColumn.values("inputs", NewExecution::inputs),
          ArrayColumn.values("user_inputs", NewExecution::userInputs),
          ArrayColumn.integer("mode", NewExecution::mode),
          ArrayColumn.text("principal", NewExecution::principal),
          parent(),
          ArrayColumn.bigint("source_number", NewExecution::sourceNumber),
          settings(),
          ArrayColumn.instant("accepted_at", NewExecution::acceptedAt),
          ArrayColumn.instant("updated_at", NewExecution::acceptedAt),
          ArrayColumn.bool("queued", NewExecution::queued),
          ArrayColumn.integer("phase", execution -> execution.queued() ? QUEUED : UNDEFINED));

  private static final String INSERT =
      """
      with offered as materialized (
        select *, %2$s as may_be_accepted from (%3$s) as offered),
      accepted as (
        insert into execution (%1$s) select %1$s from offered where may_be_accepted
        on conflict (project, domain, name) do nothing
        returning number, project, domain, name)
      select number, project, domain, name from accepted
      union all
      select null, project, domain, name from offered where not may_be_accepted
      """
          .formatted(
              ArrayColumn.names(COLUMNS), DeletionLocks.MAY_ACCEPT, ArrayColumn.select(COLUMNS));

  /** In one order, so that two batches with the same names never wait for one another. */
  private static final Comparator<NewExecution> BY_NAME =
      Comparator.comparing(execution -> execution.id().text());

  /** The result of offering an execution. */
  sealed interface Answer {
    /** The row is inserted, under this number. */
    record Accepted(long number) implements Answer {}

    /** An execution of this name is there already, or stands before it in the list. */
    record NameTaken() implements Answer {}

    /** Files of an old execution with this name or folder are being deleted. */
    record DeletionUnderWay() implements Answer {}
  }

  private AcceptanceStatement() {}

  /**
   * Inserts the executions whose names are not taken.
   *
   * @return the answer for each execution, in their order
   */
  static List<Answer> insert(Connection connection, List<NewExecution> executions)
      throws SQLException {
    try (var statement = connection.prepareStatement(INSERT)) {
      ArrayColumn.bind(
          connection, statement, COLUMNS, executions.stream().sorted(BY_NAME).toList());
      var answers = answers(statement);
      return executions.stream().map(execution -> answer(answers, execution.id())).toList();
    }
  }

  /**
   * The answer for an execution. If several executions of one batch have the same name, the first
   * is accepted.
   */
  private static Answer answer(Map<ExecutionId, Answer> answers, ExecutionId id) {
    var answer = answers.getOrDefault(id, new Answer.NameTaken());
    if (answer instanceof Answer.Accepted) {
      answers.put(id, new Answer.NameTaken());
    }
    return answer;
  }

  private static Map<ExecutionId, Answer> answers(PreparedStatement statement) throws SQLException {
    var answers = new HashMap<ExecutionId, Answer>();
    try (var rows = statement.executeQuery()) {
      while (rows.next()) {
        var id = new ExecutionId(rows.getString(2), rows.getString(3), rows.getString(4));
        var number = rows.getLong(1);
        answers.put(
            id, rows.wasNull() ? new Answer.DeletionUnderWay() : new Answer.Accepted(number));
      }
    }
    return answers;
  }

  private static List<ArrayColumn<NewExecution>> entity(
      String name, Function<NewExecution, EntityId> entity) {
    return ArrayColumn.list(
        ArrayColumn.text(name + "_project", execution -> entity.apply(execution).project()),
        ArrayColumn.text(name + "_domain", execution -> entity.apply(execution).domain()),
        ArrayColumn.text(name + "_name", execution -> entity.apply(execution).name()),
        ArrayColumn.text(name + "_version", execution -> entity.apply(execution).version()));
  }

  private static List<ArrayColumn<NewExecution>> parent() {
    return ArrayColumn.list(
        ArrayColumn.bigint(
            "parent_number",
            execution ->
                execution.parent() instanceof NewExecution.Parent parent ? parent.number() : null),
        ArrayColumn.text(
            "parent_node_id",
            execution ->
                execution.parent() instanceof NewExecution.Parent parent ? parent.nodeId() : null),
        ArrayColumn.text(
            "parent_path",
            execution ->
                waiting(execution) instanceof NewExecution.Waiting waiting
                    ? waiting.node().text()
                    : null),
        ArrayColumn.integer(
            "parent_attempt",
            execution ->
                waiting(execution) instanceof NewExecution.Waiting waiting
                    ? waiting.attempt()
                    : null));
  }

  private static NewExecution.@Nullable Waiting waiting(NewExecution execution) {
    return execution.parent() instanceof NewExecution.Parent parent ? parent.waiting() : null;
  }

  private static List<ArrayColumn<NewExecution>> settings() {
    return ArrayColumn.list(
        ArrayColumn.integer("parallelism_max", execution -> execution.settings().parallelismMax()),
        ArrayColumn.bool("interruptible", execution -> execution.settings().interruptible()),
        ArrayColumn.integer(
            "system_retries_max", execution -> execution.settings().systemRetriesMax()),
        ArrayColumn.integer(
            "attempts_max_default", execution -> execution.settings().attemptsMaxDefault()),
        ArrayColumn.bigint(
            "back_off_min_ms", execution -> execution.settings().backOffMin().toMillis()),
        ArrayColumn.bigint(
            "back_off_max_ms", execution -> execution.settings().backOffMax().toMillis()),
        ArrayColumn.integer("inline_bytes_max", execution -> execution.settings().inlineBytesMax()),
        ArrayColumn.integer("elements_max", execution -> execution.settings().elementsMax()),
        ArrayColumn.integer("nodes_max", execution -> execution.settings().nodesMax()),
        ArrayColumn.bool(
            "looks_for_recovery", execution -> execution.settings().looksForRecovery()));
  }
}
