package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.NODE_EXECUTION;
import static io.turboprop.store.jooq.Tables.TASK;
import static io.turboprop.store.jooq.Tables.TASK_EXECUTION;

import io.turboprop.data.EntityId;
import io.turboprop.data.NodePath;
import io.turboprop.store.jooq.tables.records.NodeExecutionRecord;
import io.turboprop.store.jooq.tables.records.TaskExecutionRecord;
import io.turboprop.workflow.state.AttemptSummary.Cache;
import io.turboprop.workflow.state.AttemptSummary.CacheStatus;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Reads the nodes and attempts of executions for clients. */
public final class NodeExecutionTables {
  private static final Map<String, Long> NODE_PHASES =
      Map.ofEntries(
          Map.entry("UNDEFINED", 0L),
          Map.entry("QUEUED", 1L),
          Map.entry("RUNNING", 2L),
          Map.entry("SUCCEEDED", 3L),
          Map.entry("FAILING", 4L),
          Map.entry("FAILED", 5L),
          Map.entry("ABORTED", 6L),
          Map.entry("SKIPPED", 7L),
          Map.entry("TIMED_OUT", 8L),
          Map.entry("DYNAMIC_RUNNING", 9L),
          Map.entry("RECOVERED", 10L));

  private static final Map<String, Long> TASK_PHASES =
      Map.of(
          "UNDEFINED", 0L,
          "QUEUED", 1L,
          "RUNNING", 2L,
          "SUCCEEDED", 3L,
          "ABORTED", 4L,
          "FAILED", 5L,
          "INITIALIZING", 6L,
          "WAITING_FOR_RESOURCES", 7L,
          "RETRYABLE_FAILED", 8L);

  /** Numbers of {@code flyteidl.core.CatalogCacheStatus}. */
  private static final Map<String, Long> CACHE_STATUSES =
      Map.of(
          "CACHE_DISABLED", 0L,
          "CACHE_MISS", 1L,
          "CACHE_HIT", 2L,
          "CACHE_POPULATED", 3L,
          "CACHE_LOOKUP_FAILURE", 4L,
          "CACHE_PUT_FAILURE", 5L,
          "CACHE_SKIPPED", 6L,
          "CACHE_EVICTED", 7L);

  private static final ListColumns NODE_COLUMNS =
      ofExecution(
              ListColumns.ofText("ne", "node_execution", NODE_EXECUTION.NODE_ID),
              NODE_EXECUTION.EXECUTION_NUMBER)
          .text("node_id", NODE_EXECUTION.NODE_ID)
          .named("phase", NODE_EXECUTION.PHASE, NODE_PHASES)
          .nullableText("error_code", NODE_EXECUTION.ERROR_CODE)
          .named("error_kind", NODE_EXECUTION.ERROR_KIND, ExecutionListing.ERROR_KINDS)
          .moment("created_at", NODE_EXECUTION.CREATED_AT)
          .moment("node_execution_created_at", NODE_EXECUTION.CREATED_AT)
          .moment("updated_at", NODE_EXECUTION.UPDATED_AT)
          .moment("node_execution_updated_at", NODE_EXECUTION.UPDATED_AT)
          .nullableMoment("started_at", NODE_EXECUTION.STARTED_AT)
          .seconds("duration", seconds(NODE_EXECUTION.STARTED_AT, NODE_EXECUTION.ENDED_AT))
          .nullableText("parent_id", NODE_EXECUTION.PARENT_ID)
          .number("parent_task_execution_id", DSL.inline(0L))
          .named("cache_status", NODE_EXECUTION.CACHE_STATUS, CACHE_STATUSES)
          .unsortedBy("created_at");

  private static final ListColumns TASK_COLUMNS =
      ofExecution(
              ListColumns.of("te", "task_execution", TASK_EXECUTION.ATTEMPT),
              TASK_EXECUTION.EXECUTION_NUMBER)
          .text("node_id", TASK_EXECUTION.NODE_ID)
          .named("phase", TASK_EXECUTION.PHASE, TASK_PHASES)
          .nullableText("error_code", TASK_EXECUTION.ERROR_CODE)
          .named("error_kind", TASK_EXECUTION.ERROR_KIND, ExecutionListing.ERROR_KINDS)
          .moment("created_at", TASK_EXECUTION.CREATED_AT)
          .moment("task_execution_created_at", TASK_EXECUTION.CREATED_AT)
          .moment("updated_at", TASK_EXECUTION.UPDATED_AT)
          .moment("task_execution_updated_at", TASK_EXECUTION.UPDATED_AT)
          .nullableMoment("started_at", TASK_EXECUTION.STARTED_AT)
          .seconds("duration", seconds(TASK_EXECUTION.STARTED_AT, TASK_EXECUTION.ENDED_AT))
          .number("retry_attempt", TASK_EXECUTION.ATTEMPT)
          .number("phase_version", TASK_EXECUTION.PHASE_VERSION)
          .text("project", TASK_EXECUTION.TASK_PROJECT)
          .text("domain", TASK_EXECUTION.TASK_DOMAIN)
          .text("name", TASK_EXECUTION.TASK_NAME)
          .text("version", TASK_EXECUTION.TASK_VERSION)
          .joined("task", TaskTables.COLUMNS, NodeExecutionTables::ofTask)
          .joined("node_execution", NODE_COLUMNS, NodeExecutionTables::ofNode);

  private static final List<Field<?>> NODE_FIELDS = List.of(NODE_EXECUTION.fields());
  private static final List<Field<?>> TASK_FIELDS = List.of(TASK_EXECUTION.fields());

  private static final List<Field<?>> NODE_SIZES =
      List.of(NODE_EXECUTION.OUTPUTS, NODE_EXECUTION.ERROR_MESSAGE, NODE_EXECUTION.DECK_URI);

  private static final List<Field<?>> TASK_SIZES =
      List.of(TASK_EXECUTION.DETAILS, TASK_EXECUTION.REASONS, TASK_EXECUTION.ERROR_MESSAGE);

  private final Database database;

  public NodeExecutionTables(Database database) {
    this.database = database;
  }

  /** The node with this id, as clients see it. */
  public Optional<NodeExecutionRow> node(long execution, String nodeId) {
    return nodes(execution, List.of(nodeId)).stream().findFirst();
  }

  /** The nodes with these ids that exist, in no order. */
  public List<NodeExecutionRow> nodes(long execution, Collection<String> nodeIds) {
    return database
        .sql()
        .selectFrom(NODE_EXECUTION)
        .where(NODE_EXECUTION.EXECUTION_NUMBER.eq(execution))
        .and(NODE_EXECUTION.NODE_ID.eq(DSL.any(nodeIds.toArray(String[]::new))))
        .fetch(NodeExecutionTables::node);
  }

  /**
   * The nodes of one graph of an execution.
   *
   * @param parentId the node around the graph; null for the root graph
   */
  public Page<NodeExecutionRow> list(long execution, @Nullable String parentId, ListQuery query) {
    var parent =
        parentId == null
            ? NODE_EXECUTION.PARENT_ID.isNull()
            : NODE_EXECUTION.PARENT_ID.eq(parentId);
    return new PageQuery(
            NODE_EXECUTION,
            NODE_EXECUTION.EXECUTION_NUMBER.eq(execution).and(parent),
            NODE_FIELDS,
            NODE_SIZES,
            NODE_COLUMNS)
        .read(database, query, row -> node(Rows.record(NODE_EXECUTION, NODE_FIELDS, row)));
  }

  /** One attempt (from 0) of a task. */
  public Optional<TaskExecutionRow> task(long execution, String nodeId, int attempt) {
    return database
        .sql()
        .selectFrom(TASK_EXECUTION)
        .where(isOf(execution, nodeId))
        .and(TASK_EXECUTION.ATTEMPT.eq(attempt))
        .fetchOptional(NodeExecutionTables::task);
  }

  /** The attempts of a task. */
  public Page<TaskExecutionRow> listTasks(long execution, String nodeId, ListQuery query) {
    return new PageQuery(
            TASK_EXECUTION, isOf(execution, nodeId), TASK_FIELDS, TASK_SIZES, TASK_COLUMNS)
        .read(database, query, row -> task(Rows.record(TASK_EXECUTION, TASK_FIELDS, row)));
  }

  private static Condition isOf(long execution, String nodeId) {
    return TASK_EXECUTION.EXECUTION_NUMBER.eq(execution).and(TASK_EXECUTION.NODE_ID.eq(nodeId));
  }

  private static Condition ofTask(Condition filters) {
    return DSL.row(
            TASK_EXECUTION.TASK_PROJECT,
            TASK_EXECUTION.TASK_DOMAIN,
            TASK_EXECUTION.TASK_NAME,
            TASK_EXECUTION.TASK_VERSION)
        .in(
            DSL.select(TASK.PROJECT, TASK.DOMAIN, TASK.NAME, TASK.VERSION)
                .from(TASK)
                .where(filters));
  }

  private static Condition ofNode(Condition filters) {
    return DSL.row(TASK_EXECUTION.EXECUTION_NUMBER, TASK_EXECUTION.NODE_ID)
        .in(
            DSL.select(NODE_EXECUTION.EXECUTION_NUMBER, NODE_EXECUTION.NODE_ID)
                .from(NODE_EXECUTION)
                .where(filters));
  }

  private static NodeExecutionRow node(NodeExecutionRecord row) {
    return new NodeExecutionRow(
        row.getExecutionNumber(),
        row.getNodeId(),
        new NodePath(row.getPath()),
        row.getParentId(),
        row.getIsParent(),
        row.getPhase(),
        row.getAttempt(),
        new Timestamps(
            row.getCreatedAt(), row.getStartedAt(), row.getUpdatedAt(), row.getEndedAt()),
        Rows.values(row.getOutputs(), row.getOutputsUri()),
        Rows.error(row.getErrorCode(), row.getErrorMessage(), row.getErrorKind()),
        new Cache(cacheStatus(row.getCacheStatus()), Rows.bytes(row.getCacheKey())),
        row.getDeckUri());
  }

  /** The cache status of a stored number; null means that the catalog was not used. */
  private static CacheStatus cacheStatus(@Nullable Integer number) {
    return number == null ? CacheStatus.DISABLED : CacheStatus.of(number);
  }

  private static TaskExecutionRow task(TaskExecutionRecord row) {
    return new TaskExecutionRow(
        row.getExecutionNumber(),
        row.getNodeId(),
        row.getAttempt(),
        new EntityId(
            EntityId.Kind.TASK,
            row.getTaskProject(),
            row.getTaskDomain(),
            row.getTaskName(),
            row.getTaskVersion()),
        row.getPhase(),
        row.getPhaseVersion(),
        new Timestamps(
            row.getCreatedAt(), row.getStartedAt(), row.getUpdatedAt(), row.getEndedAt()),
        Rows.bytes(row.getDetails()),
        Rows.bytes(row.getReasons()),
        Rows.error(row.getErrorCode(), row.getErrorMessage(), row.getErrorKind()),
        row.getElements());
  }

  /** Adds the fields of the execution that a listed row belongs to. */
  private static ListColumns ofExecution(ListColumns columns, Field<Long> number) {
    return columns
        .text("execution_project", ofExecution(number, EXECUTION.PROJECT))
        .text("execution_domain", ofExecution(number, EXECUTION.DOMAIN))
        .text("execution_name", ofExecution(number, EXECUTION.NAME))
        .joined(
            "execution",
            ExecutionListing.COLUMNS,
            filters -> number.in(DSL.select(EXECUTION.NUMBER).from(EXECUTION).where(filters)));
  }

  private static Field<String> ofExecution(Field<Long> number, Field<String> column) {
    return DSL.field(DSL.select(column).from(EXECUTION).where(EXECUTION.NUMBER.eq(number)));
  }

  /** The duration in seconds; 0 before the end, as in FlyteAdmin. */
  private static Field<Double> seconds(Field<Instant> startedAt, Field<Instant> endedAt) {
    return DSL.field(
        "coalesce(cast(extract(epoch from {0} - {1}) as float8), 0)",
        Double.class, endedAt, startedAt);
  }
}
