package io.turboprop.store;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.row;
import static org.jooq.impl.DSL.select;
import static org.jooq.impl.DSL.table;

import io.turboprop.data.EntityId;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.state.AttemptSummary.Cache;
import io.turboprop.workflow.state.AttemptSummary.CacheStatus;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** What clients read of the nodes and the attempts of executions. */
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

  private static final ListColumns NODE =
      common(
              ListColumns.ofText("ne", "node_execution", text("node_id")),
              "node_execution",
              NODE_PHASES)
          .nullableText("parent_id", text("parent_id"))
          .number("parent_task_execution_id", DSL.inline(0L))
          .named("cache_status", number("cache_status"), CACHE_STATUSES)
          .unsortedBy("created_at");

  private static final ListColumns TASK =
      common(
              ListColumns.of("te", "task_execution", number("attempt")),
              "task_execution",
              TASK_PHASES)
          .number("retry_attempt", number("attempt"))
          .number("phase_version", number("phase_version"))
          .text("project", text("task_project"))
          .text("domain", text("task_domain"))
          .text("name", text("task_name"))
          .text("version", text("task_version"))
          .joined("task", TaskTables.COLUMNS, NodeExecutionTables::ofTask)
          .joined("node_execution", NODE, NodeExecutionTables::ofNode);

  private static final List<Field<?>> NODE_SIZES =
      List.of(field(name("outputs")), field(name("error_message")), field(name("deck_uri")));

  private static final List<Field<?>> TASK_SIZES =
      List.of(field(name("details")), field(name("reasons")), field(name("error_message")));

  private final Database database;
  private final Statements statements;

  public NodeExecutionTables(Database database) {
    this.database = database;
    this.statements = new Statements(database);
  }

  /** A node, by its id as clients see it. */
  public Optional<NodeExecutionRow> node(long execution, String nodeId) {
    return nodes(execution, List.of(nodeId)).stream().findFirst();
  }

  /** Those of these nodes that there are, in no order. */
  public List<NodeExecutionRow> nodes(long execution, Collection<String> nodeIds) {
    return statements.list(
        "select * from node_execution where execution_number = ? and node_id = any(?::text[])",
        statement -> {
          statement.setLong(1, execution);
          statement.setArray(
              2, statement.getConnection().createArrayOf("text", nodeIds.toArray(String[]::new)));
        },
        NodeExecutionTables::node);
  }

  /**
   * The nodes of one graph of an execution.
   *
   * @param parentId the node around them; null for those of the execution's own graph
   */
  public Page<NodeExecutionRow> list(long execution, @Nullable String parentId, ListQuery query) {
    var parent = text("parent_id");
    var condition = parentId == null ? parent.isNull() : parent.eq(parentId);
    return new PageQuery(
            table(name("node_execution")),
            in(execution).and(condition),
            List.of(DSL.asterisk()),
            NODE_SIZES,
            NODE)
        .readRows(database.sql(), query, NodeExecutionTables::node);
  }

  /** One attempt (from 0) of a task. */
  public Optional<TaskExecutionRow> task(long execution, String nodeId, int attempt) {
    return statements.first(
        "select * from task_execution where execution_number = ? and node_id = ? and attempt = ?",
        statement -> {
          statement.setLong(1, execution);
          statement.setString(2, nodeId);
          statement.setInt(3, attempt);
        },
        NodeExecutionTables::task);
  }

  /** The attempts of a task. */
  public Page<TaskExecutionRow> listTasks(long execution, String nodeId, ListQuery query) {
    return new PageQuery(
            table(name("task_execution")),
            in(execution).and(text("node_id").eq(nodeId)),
            List.of(DSL.asterisk()),
            TASK_SIZES,
            TASK)
        .readRows(database.sql(), query, NodeExecutionTables::task);
  }

  private static Condition ofTask(Condition filters) {
    return row(text("task_project"), text("task_domain"), text("task_name"), text("task_version"))
        .in(
            select(column("project"), column("domain"), column("name"), column("version"))
                .from(table(name("task")))
                .where(filters));
  }

  private static Field<String> column(String ofTask) {
    return field(name("task", ofTask), String.class);
  }

  private static Condition ofNode(Condition filters) {
    return row(number("execution_number"), text("node_id"))
        .in(
            select(number("execution_number"), text("node_id"))
                .from(table(name("node_execution")))
                .where(filters));
  }

  private static Condition ofExecution(Condition filters) {
    return number("execution_number")
        .in(select(number("number")).from(table(name("execution"))).where(filters));
  }

  private static Condition in(long execution) {
    return number("execution_number").eq(execution);
  }

  private static NodeExecutionRow node(ResultRow row) throws SQLException {
    return new NodeExecutionRow(
        row.number("execution_number"),
        row.text("node_id"),
        new NodePath(row.text("path")),
        row.nullableText("parent_id"),
        row.bool("is_parent"),
        row.integer("phase"),
        row.integer("attempt"),
        row.moments("created_at"),
        row.values("outputs"),
        row.error(),
        new Cache(CacheStatus.values()[row.integer("cache_status")], row.bytes("cache_key")),
        row.nullableText("deck_uri"));
  }

  private static TaskExecutionRow task(ResultRow row) throws SQLException {
    return new TaskExecutionRow(
        row.number("execution_number"),
        row.text("node_id"),
        row.integer("attempt"),
        row.entity(EntityId.Kind.TASK, "task"),
        row.integer("phase"),
        row.integer("phase_version"),
        row.moments("created_at"),
        row.bytes("details"),
        row.bytes("reasons"),
        row.error(),
        row.nullableInteger("elements"));
  }

  /** The fields that both lists know, FlyteAdmin's with the name of the entity in front. */
  private static ListColumns common(ListColumns columns, String entity, Map<String, Long> phases) {
    return columns
        .text("node_id", text("node_id"))
        .named("phase", number("phase"), phases)
        .nullableText("error_code", text("error_code"))
        .named("error_kind", number("error_kind"), ExecutionListing.ERROR_KINDS)
        .moment("created_at", moment("created_at"))
        .moment(entity + "_created_at", moment("created_at"))
        .moment("updated_at", moment("updated_at"))
        .moment(entity + "_updated_at", moment("updated_at"))
        .nullableMoment("started_at", moment("started_at"))
        .seconds(
            "duration",
            field(
                "coalesce(cast(extract(epoch from ended_at - started_at) as float8), 0)",
                Double.class))
        .text("execution_project", ofExecution("project"))
        .text("execution_domain", ofExecution("domain"))
        .text("execution_name", ofExecution("name"))
        .joined("execution", ExecutionListing.COLUMNS, NodeExecutionTables::ofExecution);
  }

  private static Field<String> ofExecution(String column) {
    return field(
        "(select " + column + " from execution where number = execution_number)", String.class);
  }

  private static Field<String> text(String column) {
    return field(name(column), String.class);
  }

  private static Field<Long> number(String column) {
    return field(name(column), Long.class);
  }

  private static Field<OffsetDateTime> moment(String column) {
    return field(name(column), OffsetDateTime.class);
  }
}
