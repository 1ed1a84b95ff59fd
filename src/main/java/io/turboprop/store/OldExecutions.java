package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jooq.DSLContext;

/** Executions that ended long ago, as {@link Retention} finds and deletes them: many at once. */
final class OldExecutions {
  /** The size of the specifications that are read at once. */
  private static final long BYTES_MAX = 8 << 20;

  /** By the end and the number, which an index has; the children of a kept execution stay. */
  private static final String DUE =
      """
      select number, project, domain, name, spec, ended_at from (
        select *, sum(octet_length(spec)) over (
          order by ended_at, number rows between unbounded preceding and 1 preceding) as bytes_before
        from (
          select number, project, domain, name, spec, ended_at from execution
          where final and number > 0 and ended_at < cast(? as timestamptz) and accepted_at < cast(? as timestamptz)
            and (ended_at, number) > (cast(? as timestamptz), ?)
            and not exists (
              select from execution as parent where parent.number = execution.parent_number)
          order by ended_at, number limit ?) as old) as bounded
      where coalesce(bytes_before, 0) < ?
      order by ended_at, number
      """;

  /**
   * Other executions have the same name, or a name that makes the same folder: {@code a-b/c/d} and
   * {@code a/b-c/d} have one. Goes from one project and domain to the next, since the index of
   * names begins with them.
   */
  private static final String SHARED =
      """
      with recursive place as (
        (select project, domain from execution order by project, domain limit 1)
        union all
        select next.project, next.domain from place, lateral (
          select project, domain from execution
          where (execution.project, execution.domain) > (place.project, place.domain)
          order by project, domain limit 1) as next),
      mine as (
        select number, project, domain, name, project || '-' || domain || '-' || name as folder
        from execution where number = any (?)),
      around as (
        select project, domain, project || '-' || domain || '-' as folder from place)
      select mine.number, true as of_name
      from mine, around, lateral (
        select from execution where (project, domain, name) = (around.project, around.domain, mine.name)
          and number <> all (?)) as other
      union all
      select mine.number, false
      from mine, around, lateral (
        select from execution where (project, domain, name)
            = (around.project, around.domain, substr(mine.folder, length(around.folder) + 1))
          and number <> all (?)) as other
      where starts_with(mine.folder, around.folder)
      """;

  private static final String ATTEMPTS =
      """
      select execution_number, node.path, task.attempt, false
      from task_execution task join node_execution node using (execution_number, node_id)
      where execution_number = any (?)
      union all
      select execution_number, node.path || '/' || element.attempt || '/n' || element.index, of_element, true
      from array_element element join node_execution node using (execution_number, node_id),
        generate_series(0, element.retry) of_element
      where execution_number = any (?)
      limit ?
      """;

  /** Says which plans their dynamic nodes had made. */
  private static final String DELETE =
      """
      delete from execution where number = any (?) and final
      returning number, array(
        select distinct plan_digest from dynamic_plan
        where execution_number = execution.number)
      """;

  private final Database database;
  private final Function<ExecutionId, String> persistenceId;

  /**
   * @param persistenceId under which the journal knows an execution
   */
  OldExecutions(Database database, Function<ExecutionId, String> persistenceId) {
    this.database = database;
    this.persistenceId = persistenceId;
  }

  /**
   * An execution that is to be deleted, as it was found.
   *
   * @param spec a serialized {@code flyteidl.admin.ExecutionSpec}
   */
  record Due(long number, ExecutionId id, ByteString spec, OffsetDateTime endedAt) {}

  /** Executions that share something with executions that stay. */
  record Shared(Set<Long> names, Set<Long> folders) {}

  /**
   * The first executions that ended, and were accepted, before a moment.
   *
   * @param after only those that follow on this one
   */
  List<Due> due(OffsetDateTime before, Due after, int most) {
    return database
        .sql()
        .fetch(DUE, before, before, after.endedAt(), after.number(), most, BYTES_MAX)
        .map(row ->
            new Due(
                row.get(0, Long.class),
                new ExecutionId(
                    row.get(1, String.class), row.get(2, String.class), row.get(3, String.class)),
                ByteString.copyFrom(row.get(4, byte[].class)),
                row.get(5, OffsetDateTime.class)));
  }

  Shared shared(Collection<Due> executions) {
    var numbers = numbers(executions);
    var shared = new Shared(new HashSet<>(), new HashSet<>());
    database
        .sql()
        .fetch(SHARED, numbers, numbers, numbers)
        .forEach(row ->
            (row.get(1, Boolean.class) ? shared.names() : shared.folders())
                .add(row.get(0, Long.class)));
    return shared;
  }

  /** The attempts of all their tasks by execution, or the first of them. */
  Map<Long, List<Retention.Attempt>> attempts(Collection<Due> executions, int most) {
    var attempts = new HashMap<Long, List<Retention.Attempt>>();
    var numbers = numbers(executions);
    database
        .sql()
        .fetch(ATTEMPTS, numbers, numbers, most)
        .forEach(row ->
            attempts
                .computeIfAbsent(row.get(0, Long.class), _ -> new ArrayList<>())
                .add(
                    new Retention.Attempt(
                        new NodePath(row.get(1, String.class)),
                        row.get(2, Integer.class),
                        row.get(3, Boolean.class))));
    return attempts;
  }

  /** Deletes all rows of these executions in one transaction, and says how many there were. */
  int delete(Collection<Due> executions) {
    return executions.isEmpty()
        ? 0
        : database.transaction(transaction -> delete(transaction, executions));
  }

  private int delete(DSLContext transaction, Collection<Due> executions) {
    var deleted = transaction.fetch(DELETE, (Object) numbers(executions));
    var numbers = new HashSet<>(deleted.getValues(0, Long.class));
    JournalRows.delete(
        transaction,
        executions.stream()
            .filter(execution -> numbers.contains(execution.number()))
            .map(execution -> persistenceId.apply(execution.id()))
            .toList());
    PlanTables.deleteUnused(
        transaction,
        deleted.stream()
            .flatMap(row -> Arrays.stream(row.get(1, String[].class)))
            .distinct()
            .toArray(String[]::new));
    return numbers.size();
  }

  private static Long[] numbers(Collection<Due> executions) {
    return executions.stream().map(Due::number).toArray(Long[]::new);
  }
}
