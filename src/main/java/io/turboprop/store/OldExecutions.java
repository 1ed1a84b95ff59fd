package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.ARRAY_ELEMENT;
import static io.turboprop.store.jooq.Tables.DYNAMIC_PLAN;
import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.FLYTE_WORKFLOW_RESOURCE;
import static io.turboprop.store.jooq.Tables.NODE_EXECUTION;
import static io.turboprop.store.jooq.Tables.TASK_EXECUTION;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.time.Instant;
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
import org.jooq.Field;
import org.jooq.Record4;
import org.jooq.Select;
import org.jooq.SelectConditionStep;
import org.jooq.impl.DSL;

/** Executions that ended long ago, as {@link Retention} finds and deletes them: many at once. */
final class OldExecutions {
  /**
   * The total size of the specifications of one page: the page ends with the specification that
   * reaches it.
   */
  private static final long BYTES_MAX = 8 << 20;

  /**
   * Finds, for each execution, whether another execution has the same name, or a project, domain
   * and name that make the same folder ({@code a-b/c/d} and {@code a/b-c/d} do). The query visits
   * each project and domain once, because the index on names begins with these two columns. It is
   * written as text because jOOQ has no short form for the recursion.
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

  /**
   * The digests of the plans that belong to one execution: those of its dynamic nodes, and that of
   * its {@code FlyteWorkflow} resource.
   */
  private static final Field<String[]> OWN_PLANS =
      DSL.array(
          DSL.select(DYNAMIC_PLAN.PLAN_DIGEST)
              .from(DYNAMIC_PLAN)
              .where(DYNAMIC_PLAN.EXECUTION_NUMBER.eq(EXECUTION.NUMBER))
              .union(
                  DSL.select(FLYTE_WORKFLOW_RESOURCE.PLAN_DIGEST)
                      .from(FLYTE_WORKFLOW_RESOURCE)
                      .where(FLYTE_WORKFLOW_RESOURCE.EXECUTION_NUMBER.eq(EXECUTION.NUMBER))));

  private final Database database;
  private final Function<ExecutionId, String> persistenceId;

  /**
   * @param persistenceId gives the id of an execution's journal
   */
  OldExecutions(Database database, Function<ExecutionId, String> persistenceId) {
    this.database = database;
    this.persistenceId = persistenceId;
  }

  /**
   * An execution whose time has come, as the query returned it.
   *
   * @param spec a serialized {@code flyteidl.admin.ExecutionSpec}
   */
  record DueExecution(long number, ExecutionId id, ByteString spec, Instant endedAt) {}

  /**
   * The numbers of the executions that share their name, or their folder, with an execution that
   * stays.
   */
  record Shared(Set<Long> names, Set<Long> folders) {}

  /**
   * The oldest executions that were accepted and ended before this moment. A child is left out
   * while its parent exists, and an execution while another one that repeats it, or reuses its
   * results, has not ended.
   *
   * @param after the last execution of the previous page
   * @param limit the most executions of the page; it is shorter if their specifications are large
   */
  List<DueExecution> due(Instant before, DueExecution after, int limit) {
    var bytesBefore = DSL.field(DSL.name("bytes_before"), Long.class);
    var bytes = DSL.field("octet_length({0})", Integer.class, EXECUTION.SPEC);
    var old = old(before, after, limit).asTable(EXECUTION);
    var bounded =
        DSL.select(old.fields())
            .select(
                DSL.sum(bytes)
                    .over(
                        DSL.orderBy(EXECUTION.ENDED_AT, EXECUTION.NUMBER)
                            .rowsBetweenUnboundedPreceding()
                            .andPreceding(1))
                    .as(bytesBefore))
            .from(old)
            .asTable(EXECUTION);
    return database
        .sql()
        .select(
            EXECUTION.NUMBER,
            EXECUTION.PROJECT,
            EXECUTION.DOMAIN,
            EXECUTION.NAME,
            EXECUTION.SPEC,
            EXECUTION.ENDED_AT)
        .from(bounded)
        .where(DSL.coalesce(bytesBefore, DSL.inline(0L)).lt(BYTES_MAX))
        .orderBy(EXECUTION.ENDED_AT, EXECUTION.NUMBER)
        .fetch(row ->
            new DueExecution(
                row.value1(),
                new ExecutionId(row.value2(), row.value3(), row.value4()),
                Rows.bytes(row.value5()),
                row.value6()));
  }

  /**
   * Ordered by end and number. The partial index {@code execution_ended} (final and number &gt; 0)
   * serves this order, so both conditions are in the query as literals.
   */
  private static Select<?> old(Instant before, DueExecution after, int limit) {
    var parent = EXECUTION.as("parent");
    var reader = EXECUTION.as("reader");
    return DSL.select(
            EXECUTION.NUMBER,
            EXECUTION.PROJECT,
            EXECUTION.DOMAIN,
            EXECUTION.NAME,
            EXECUTION.SPEC,
            EXECUTION.ENDED_AT)
        .from(EXECUTION)
        .where(
            DSL.condition(EXECUTION.FINAL),
            EXECUTION.NUMBER.gt(DSL.inline(0L)),
            EXECUTION.ENDED_AT.lt(before),
            EXECUTION.ACCEPTED_AT.lt(before),
            DSL.row(EXECUTION.ENDED_AT, EXECUTION.NUMBER).gt(after.endedAt(), after.number()),
            DSL.notExists(
                DSL.selectOne().from(parent).where(parent.NUMBER.eq(EXECUTION.PARENT_NUMBER))),
            DSL.notExists(
                DSL.selectOne()
                    .from(reader)
                    .where(
                        reader.SOURCE_NUMBER.eq(EXECUTION.NUMBER),
                        DSL.not(DSL.condition(reader.FINAL)))))
        .orderBy(EXECUTION.ENDED_AT, EXECUTION.NUMBER)
        .limit(limit);
  }

  Shared shared(Collection<DueExecution> executions) {
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

  /**
   * The task attempts of these executions, at most {@code limit} of them, by the execution's
   * number.
   */
  Map<Long, List<Retention.Attempt>> attempts(Collection<DueExecution> executions, int limit) {
    var attempts = new HashMap<Long, List<Retention.Attempt>>();
    var numbers = numbers(executions);
    database
        .sql()
        .fetch(ofTasks(numbers).unionAll(ofElements(numbers)).limit(limit))
        .forEach(row ->
            attempts
                .computeIfAbsent(row.value1(), _ -> new ArrayList<>())
                .add(
                    new Retention.Attempt(new NodePath(row.value2()), row.value3(), row.value4())));
    return attempts;
  }

  private static SelectConditionStep<Record4<Long, String, Integer, Boolean>> ofTasks(
      Long... numbers) {
    return DSL.select(
            TASK_EXECUTION.EXECUTION_NUMBER,
            NODE_EXECUTION.PATH,
            TASK_EXECUTION.ATTEMPT,
            DSL.inline(false))
        .from(TASK_EXECUTION)
        .join(NODE_EXECUTION)
        .on(
            NODE_EXECUTION.EXECUTION_NUMBER.eq(TASK_EXECUTION.EXECUTION_NUMBER),
            NODE_EXECUTION.NODE_ID.eq(TASK_EXECUTION.NODE_ID))
        .where(TASK_EXECUTION.EXECUTION_NUMBER.eq(DSL.any(numbers)));
  }

  private static Select<Record4<Long, String, Integer, Boolean>> ofElements(Long... numbers) {
    var path =
        DSL.concat(
            NODE_EXECUTION.PATH,
            DSL.inline("/"),
            ARRAY_ELEMENT.ATTEMPT,
            DSL.inline("/n"),
            ARRAY_ELEMENT.INDEX);
    var attempts = DSL.generateSeries(DSL.inline(0), ARRAY_ELEMENT.RETRY).as("attempts", "attempt");
    return DSL.select(
            ARRAY_ELEMENT.EXECUTION_NUMBER,
            path,
            attempts.field("attempt", Integer.class),
            DSL.inline(true))
        .from(ARRAY_ELEMENT)
        .join(NODE_EXECUTION)
        .on(
            NODE_EXECUTION.EXECUTION_NUMBER.eq(ARRAY_ELEMENT.EXECUTION_NUMBER),
            NODE_EXECUTION.NODE_ID.eq(ARRAY_ELEMENT.NODE_ID))
        .crossJoin(attempts)
        .where(ARRAY_ELEMENT.EXECUTION_NUMBER.eq(DSL.any(numbers)));
  }

  /** Deletes all rows of these executions in one transaction, and says how many there were. */
  int delete(Collection<DueExecution> executions) {
    return executions.isEmpty()
        ? 0
        : database.transaction(transaction -> delete(transaction, executions));
  }

  private int delete(DSLContext transaction, Collection<DueExecution> executions) {
    var deleted =
        transaction
            .deleteFrom(EXECUTION)
            .where(EXECUTION.NUMBER.eq(DSL.any(numbers(executions))))
            .and(EXECUTION.FINAL)
            .returningResult(EXECUTION.NUMBER, OWN_PLANS)
            .fetch();
    var numbers = new HashSet<>(deleted.getValues(EXECUTION.NUMBER));
    JournalRows.delete(
        transaction,
        executions.stream()
            .filter(execution -> numbers.contains(execution.number()))
            .map(execution -> persistenceId.apply(execution.id()))
            .toList());
    PlanTables.deleteUnused(
        transaction,
        deleted.stream()
            .flatMap(row -> Arrays.stream(row.value2()))
            .distinct()
            .toArray(String[]::new));
    return numbers.size();
  }

  private static Long[] numbers(Collection<DueExecution> executions) {
    return executions.stream().map(DueExecution::number).toArray(Long[]::new);
  }
}
