package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.NODE_EXECUTION;
import static io.turboprop.store.jooq.Tables.TASK_EXECUTION;

import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionId;
import java.util.Collection;
import java.util.List;
import org.jooq.QuantifiedSelect;
import org.jooq.Record1;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * When executions, their nodes and their attempts began and ended: of many executions with one
 * query each, and without what they took and made.
 */
public final class SpanTables {
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
            NODE_EXECUTION.EXECUTION_NUMBER,
            NODE_EXECUTION.NODE_ID,
            NODE_EXECUTION.PARENT_ID,
            NODE_EXECUTION.ATTEMPT,
            NODE_EXECUTION.CREATED_AT,
            NODE_EXECUTION.STARTED_AT,
            NODE_EXECUTION.UPDATED_AT,
            NODE_EXECUTION.ENDED_AT)
        .from(NODE_EXECUTION)
        .where(NODE_EXECUTION.EXECUTION_NUMBER.eq(any(executions)))
        .and(inner ? DSL.noCondition() : NODE_EXECUTION.PARENT_ID.isNull())
        .orderBy(NODE_EXECUTION.CREATED_AT, NODE_EXECUTION.NODE_ID)
        .limit(limit)
        .fetch(row ->
            new NodeTimes(
                row.value1(),
                row.value2(),
                row.value3(),
                row.value4(),
                new Timestamps(row.value5(), row.value6(), row.value7(), row.value8())));
  }

  /** The attempts of these nodes of executions, in order. */
  public List<AttemptTimes> attempts(Collection<Long> executions, Collection<String> nodeIds) {
    return database
        .sql()
        .select(
            TASK_EXECUTION.EXECUTION_NUMBER,
            TASK_EXECUTION.NODE_ID,
            TASK_EXECUTION.ATTEMPT,
            TASK_EXECUTION.TASK_PROJECT,
            TASK_EXECUTION.TASK_DOMAIN,
            TASK_EXECUTION.TASK_NAME,
            TASK_EXECUTION.TASK_VERSION,
            TASK_EXECUTION.CREATED_AT,
            TASK_EXECUTION.STARTED_AT,
            TASK_EXECUTION.UPDATED_AT,
            TASK_EXECUTION.ENDED_AT)
        .from(TASK_EXECUTION)
        .where(TASK_EXECUTION.EXECUTION_NUMBER.eq(any(executions)))
        .and(TASK_EXECUTION.NODE_ID.eq(DSL.any(nodeIds.toArray(String[]::new))))
        .orderBy(TASK_EXECUTION.EXECUTION_NUMBER, TASK_EXECUTION.NODE_ID, TASK_EXECUTION.ATTEMPT)
        .fetch(row ->
            new AttemptTimes(
                row.value1(),
                row.value2(),
                row.value3(),
                new EntityId(
                    EntityId.Kind.TASK, row.value4(), row.value5(), row.value6(), row.value7()),
                new Timestamps(row.value8(), row.value9(), row.value10(), row.value11())));
  }

  /**
   * The child executions that nodes of these executions have started, in the order of acceptance.
   */
  public List<ChildTimes> children(Collection<Long> executions) {
    return database
        .sql()
        .select(
            EXECUTION.NUMBER,
            EXECUTION.PROJECT,
            EXECUTION.DOMAIN,
            EXECUTION.NAME,
            EXECUTION.PARENT_NUMBER,
            EXECUTION.PARENT_NODE_ID,
            EXECUTION.ACCEPTED_AT,
            EXECUTION.STARTED_AT,
            EXECUTION.UPDATED_AT,
            EXECUTION.ENDED_AT)
        .from(EXECUTION)
        .where(EXECUTION.PARENT_NUMBER.eq(any(executions)))
        .and(EXECUTION.PARENT_NODE_ID.isNotNull())
        .orderBy(EXECUTION.NUMBER)
        .fetch(row ->
            new ChildTimes(
                row.value1(),
                new ExecutionId(row.value2(), row.value3(), row.value4()),
                row.value5(),
                row.value6(),
                new Timestamps(row.value7(), row.value8(), row.value9(), row.value10())));
  }

  private static QuantifiedSelect<Record1<Long>> any(Collection<Long> numbers) {
    return DSL.any(numbers.toArray(Long[]::new));
  }
}
