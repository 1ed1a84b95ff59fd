package io.turboprop.store;

import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionId;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * When executions, their nodes and their attempts began and ended: of many executions with one
 * query each, and without what they took and made.
 */
public final class SpanTables {
  private static final Field<Long> EXECUTION = number("execution_number");
  private static final Field<Long> NUMBER = number("number");
  private static final Field<Long> PARENT_NUMBER = number("parent_number");
  private static final Field<Long> ATTEMPT = number("attempt");
  private static final Field<String> NODE_ID = text("node_id");
  private static final Field<String> PARENT_ID = text("parent_id");
  private static final Field<String> PARENT_NODE_ID = text("parent_node_id");
  private static final Field<OffsetDateTime> CREATED_AT = moment("created_at");
  private static final Field<OffsetDateTime> ACCEPTED_AT = moment("accepted_at");
  private static final Field<OffsetDateTime> STARTED_AT = moment("started_at");
  private static final Field<OffsetDateTime> UPDATED_AT = moment("updated_at");
  private static final Field<OffsetDateTime> ENDED_AT = moment("ended_at");

  private final Database database;

  public SpanTables(Database database) {
    this.database = database;
  }

  /**
   * The times of a node.
   *
   * @param execution the number of its execution
   * @param parentId the node around it; null for a node of the execution's own graph
   * @param attempt the latest, from 0
   */
  public record NodeTimes(
      long execution, String nodeId, @Nullable String parentId, int attempt, Timestamps moments) {}

  /** The times of one attempt, from 0, of a node's task. */
  public record AttemptTimes(
      long execution, String nodeId, int attempt, EntityId task, Timestamps moments) {}

  /**
   * The times of an execution that a node of another has started.
   *
   * @param parent the number of that other execution
   */
  public record ChildTimes(
      long number, ExecutionId id, long parent, String parentNodeId, Timestamps moments) {}

  /**
   * The nodes of executions in the order of their creation.
   *
   * @param inner whether also those within other nodes
   * @param limit the most rows
   */
  public List<NodeTimes> nodes(Collection<Long> executions, boolean inner, int limit) {
    return database
        .sql()
        .select(
            EXECUTION, NODE_ID, PARENT_ID, ATTEMPT, CREATED_AT, STARTED_AT, UPDATED_AT, ENDED_AT)
        .from(DSL.table(DSL.name("node_execution")))
        .where(EXECUTION.eq(any(executions)))
        .and(inner ? DSL.noCondition() : PARENT_ID.isNull())
        .orderBy(CREATED_AT, NODE_ID)
        .limit(limit)
        .fetch(row ->
            new NodeTimes(
                row.get(EXECUTION),
                row.get(NODE_ID),
                row.get(PARENT_ID),
                Math.toIntExact(row.get(ATTEMPT)),
                moments(row, CREATED_AT)));
  }

  /** The attempts of these nodes of executions, in order. */
  public List<AttemptTimes> attempts(Collection<Long> executions, Collection<String> nodeIds) {
    return database
        .sql()
        .select(EXECUTION, NODE_ID, ATTEMPT, CREATED_AT, STARTED_AT, UPDATED_AT, ENDED_AT)
        .select(text("task_project"), text("task_domain"), text("task_name"), text("task_version"))
        .from(DSL.table(DSL.name("task_execution")))
        .where(EXECUTION.eq(any(executions)))
        .and(NODE_ID.eq(DSL.any(nodeIds.toArray(String[]::new))))
        .orderBy(EXECUTION, NODE_ID, ATTEMPT)
        .fetch(row ->
            new AttemptTimes(
                row.get(EXECUTION),
                row.get(NODE_ID),
                Math.toIntExact(row.get(ATTEMPT)),
                new EntityId(
                    EntityId.Kind.TASK,
                    row.get(text("task_project")),
                    row.get(text("task_domain")),
                    row.get(text("task_name")),
                    row.get(text("task_version"))),
                moments(row, CREATED_AT)));
  }

  /** What nodes of these executions have started, in the order of acceptance. */
  public List<ChildTimes> children(Collection<Long> executions) {
    return database
        .sql()
        .select(NUMBER, text("project"), text("domain"), text("name"))
        .select(PARENT_NUMBER, PARENT_NODE_ID, ACCEPTED_AT, STARTED_AT, UPDATED_AT, ENDED_AT)
        .from(DSL.table(DSL.name("execution")))
        .where(PARENT_NUMBER.eq(any(executions)).and(PARENT_NODE_ID.isNotNull()))
        .orderBy(NUMBER)
        .fetch(row ->
            new ChildTimes(
                row.get(NUMBER),
                new ExecutionId(
                    row.get(text("project")), row.get(text("domain")), row.get(text("name"))),
                row.get(PARENT_NUMBER),
                row.get(PARENT_NODE_ID),
                moments(row, ACCEPTED_AT)));
  }

  private static Timestamps moments(Record row, Field<OffsetDateTime> created) {
    return new Timestamps(
        row.get(created).toInstant(),
        instant(row.get(STARTED_AT)),
        row.get(UPDATED_AT).toInstant(),
        instant(row.get(ENDED_AT)));
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime moment) {
    return moment == null ? null : moment.toInstant();
  }

  private static Field<Long> any(Collection<Long> numbers) {
    return DSL.field("any({0})", Long.class, DSL.val(numbers.toArray(Long[]::new)));
  }

  private static Field<Long> number(String column) {
    return DSL.field(DSL.name(column), Long.class);
  }

  private static Field<String> text(String column) {
    return DSL.field(DSL.name(column), String.class);
  }

  private static Field<OffsetDateTime> moment(String column) {
    return DSL.field(DSL.name(column), OffsetDateTime.class);
  }
}
