package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.ARRAY_ELEMENT;
import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.NODE_EXECUTION;
import static io.turboprop.store.jooq.Tables.TASK_EXECUTION;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;
import org.jspecify.annotations.Nullable;

/**
 * Reads whole executions for an overview: every node and element, but of each only its phase and
 * times.
 */
public final class OverviewTables {
  private static final Field<Boolean> HAS_OUTPUTS =
      DSL.field(NODE_EXECUTION.OUTPUTS.isNotNull().or(NODE_EXECUTION.OUTPUTS_URI.isNotNull()));

  /** {@code flyteidl.core.TaskExecution.Phase}: SUCCEEDED, ABORTED, FAILED. */
  private static final List<Short> ENDED = List.of((short) 3, (short) 4, (short) 5);

  private final Database database;

  public OverviewTables(Database database) {
    this.database = database;
  }

  /**
   * How far an execution is.
   *
   * @param publishedThrough the step of the journal that its rows show
   * @param phase a number of {@code flyteidl.core.WorkflowExecution.Phase}
   * @param parked why the engine has parked it; null if it is not parked
   */
  public record Position(
      long publishedThrough, int phase, boolean ended, @Nullable String parked, boolean archived) {}

  /**
   * A node and its latest attempt of a task.
   *
   * @param path in the tree of graphs, as {@code NodePath} writes it
   * @param phase a number of {@code flyteidl.core.NodeExecution.Phase}
   * @param attempt from 0
   * @param cacheStatus a number of {@code flyteidl.core.CatalogCacheStatus}
   * @param task null if the latest attempt runs no task, or has not asked a plugin yet
   */
  public record NodeOverview(
      String nodeId,
      String path,
      boolean parent,
      int phase,
      int attempt,
      Timestamps moments,
      @Nullable String errorCode,
      int cacheStatus,
      boolean deck,
      boolean outputs,
      @Nullable TaskOverview task) {}

  /**
   * One attempt of a task.
   *
   * @param phase a number of {@code flyteidl.core.TaskExecution.Phase}
   * @param elements how many elements the array has; null if it is none
   */
  public record TaskOverview(
      int phase, @Nullable Instant startedAt, @Nullable Integer elements, StartUp startUp) {}

  /** How far these executions are, by their number; those that are gone are left out. */
  public Map<Long, Position> positions(Collection<Long> numbers) {
    var positions = new HashMap<Long, Position>();
    database
        .sql()
        .select(
            EXECUTION.NUMBER,
            EXECUTION.PUBLISHED_THROUGH,
            EXECUTION.PHASE,
            EXECUTION.FINAL,
            EXECUTION.PARKED_REASON,
            EXECUTION.STATE)
        .from(EXECUTION)
        .where(EXECUTION.NUMBER.eq(DSL.any(numbers.toArray(Long[]::new))))
        .forEach(row ->
            positions.put(
                row.value1(),
                new Position(
                    row.value2(), row.value3(), row.value4(), row.value5(), row.value6() != 0)));
    return positions;
  }

  /** The nodes of an execution in the order of their creation, at most {@code limit}. */
  public List<NodeOverview> nodes(long execution, int limit) {
    return database
        .sql()
        .select(
            NODE_EXECUTION.NODE_ID,
            NODE_EXECUTION.PATH,
            NODE_EXECUTION.IS_PARENT,
            NODE_EXECUTION.PHASE,
            NODE_EXECUTION.ATTEMPT,
            NODE_EXECUTION.CREATED_AT,
            NODE_EXECUTION.STARTED_AT,
            NODE_EXECUTION.UPDATED_AT,
            NODE_EXECUTION.ENDED_AT,
            NODE_EXECUTION.ERROR_CODE,
            NODE_EXECUTION.CACHE_STATUS,
            NODE_EXECUTION.DECK_URI,
            HAS_OUTPUTS,
            TASK_EXECUTION.PHASE,
            TASK_EXECUTION.STARTED_AT,
            TASK_EXECUTION.ELEMENTS,
            TASK_EXECUTION.INITIALIZING_AT,
            TASK_EXECUTION.CODE_BEGAN_AT)
        .from(NODE_EXECUTION)
        .leftJoin(TASK_EXECUTION)
        .on(
            TASK_EXECUTION.EXECUTION_NUMBER.eq(NODE_EXECUTION.EXECUTION_NUMBER),
            TASK_EXECUTION.NODE_ID.eq(NODE_EXECUTION.NODE_ID),
            // the task execution of an array has attempt 0, whatever its node's is
            TASK_EXECUTION
                .ATTEMPT
                .eq(NODE_EXECUTION.ATTEMPT)
                .or(TASK_EXECUTION.ELEMENTS.isNotNull()))
        .where(NODE_EXECUTION.EXECUTION_NUMBER.eq(execution))
        .orderBy(NODE_EXECUTION.CREATED_AT, NODE_EXECUTION.NODE_ID)
        .limit(limit)
        .fetch(row ->
            new NodeOverview(
                row.value1(),
                row.value2(),
                row.value3(),
                row.value4(),
                row.value5(),
                new Timestamps(row.value6(), row.value7(), row.value8(), row.value9()),
                row.value10(),
                row.value11() == null ? 0 : row.value11(),
                row.value12() != null,
                row.value13(),
                row.value14() == null
                    ? null
                    : new TaskOverview(
                        row.value14(),
                        row.value15(),
                        row.value16(),
                        new StartUp(row.value17(), row.value18()))));
  }

  /**
   * One element of an array of tasks.
   *
   * @param index from 0
   * @param phase a number of {@code flyteidl.core.TaskExecution.Phase}
   * @param retry the latest attempt, from 0
   */
  public record ElementOverview(int index, int phase, int retry) {}

  /**
   * All elements that have begun, by index; the others are queued.
   *
   * @param attempt the array's attempt, from 0
   */
  public List<ElementOverview> elements(long execution, String nodeId, int attempt) {
    return database
        .sql()
        .select(
            ARRAY_ELEMENT.INDEX, ARRAY_ELEMENT.PHASE.cast(SQLDataType.INTEGER), ARRAY_ELEMENT.RETRY)
        .from(ARRAY_ELEMENT)
        .where(
            ARRAY_ELEMENT.EXECUTION_NUMBER.eq(execution),
            ARRAY_ELEMENT.NODE_ID.eq(nodeId),
            ARRAY_ELEMENT.ATTEMPT.eq(attempt))
        .orderBy(ARRAY_ELEMENT.INDEX)
        .fetch(row -> new ElementOverview(row.value1(), row.value2(), row.value3()));
  }

  /**
   * The elements that have ended in the same phase after about the same time.
   *
   * @param bucket how many of the bounds their durations have reached, from 0
   * @param phase a number of {@code flyteidl.core.TaskExecution.Phase}
   * @param count how many they are
   * @param longestMicros the longest of their durations
   */
  public record DurationBucket(int bucket, int phase, int count, long longestMicros) {}

  /**
   * Counts the elements that have run to an end by the duration of their last attempt.
   *
   * @param attempt the array's attempt, from 0
   * @param boundsMicros the bounds of the buckets, ascending
   */
  public List<DurationBucket> durations(
      long execution, String nodeId, int attempt, Long[] boundsMicros) {
    var ran =
        DSL.field(
            "(extract(epoch from {0} - {1}) * 1000000)::bigint",
            Long.class, ARRAY_ELEMENT.UPDATED_AT, ARRAY_ELEMENT.STARTED_AT);
    var bucket =
        DSL.field("width_bucket({0}, {1})", Integer.class, ran, DSL.val(boundsMicros)).as("bucket");
    var phase = ARRAY_ELEMENT.PHASE.cast(SQLDataType.INTEGER).as("ended_in");
    return database
        .sql()
        .select(bucket, phase, DSL.count(), DSL.max(ran))
        .from(ARRAY_ELEMENT)
        .where(
            ARRAY_ELEMENT.EXECUTION_NUMBER.eq(execution),
            ARRAY_ELEMENT.NODE_ID.eq(nodeId),
            ARRAY_ELEMENT.ATTEMPT.eq(attempt),
            ARRAY_ELEMENT.STARTED_AT.isNotNull(),
            ARRAY_ELEMENT.PHASE.in(ENDED))
        .groupBy(bucket, phase)
        .orderBy(bucket, phase)
        .fetch(row -> new DurationBucket(row.value1(), row.value2(), row.value3(), row.value4()));
  }
}
