package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;
import static io.turboprop.store.jooq.Tables.EXECUTION_TAG;
import static io.turboprop.store.jooq.Tables.LAUNCH_PLAN;
import static io.turboprop.store.jooq.Tables.TASK;
import static io.turboprop.store.jooq.Tables.WORKFLOW;

import io.turboprop.data.EntityId;
import io.turboprop.store.ListQuery.Filter;
import io.turboprop.store.ListQuery.Operator;
import io.turboprop.store.jooq.tables.records.ExecutionRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.TableField;
import org.jooq.impl.DSL;

/**
 * The filters and orders of the list of executions. The cost of a page does not grow with the
 * number of executions.
 *
 * <p>The phase of an execution under way is not indexed; the final phase is (column {@code
 * outcome}). So a list by phases, or by the time of the last change, is a union of parts: the
 * executions under way, and one part for each outcome. Each part uses an index and reads at most as
 * many rows as the page has.
 */
final class ExecutionListing {
  private static final Map<String, Long> PHASES =
      Map.of(
          "UNDEFINED", 0L,
          "QUEUED", 1L,
          "RUNNING", 2L,
          "SUCCEEDING", 3L,
          "SUCCEEDED", 4L,
          "FAILING", 5L,
          "FAILED", 6L,
          "ABORTED", 7L,
          "TIMED_OUT", 8L,
          "ABORTING", 9L);

  /** The phases that an execution can end in. */
  private static final Set<Long> OUTCOMES = Set.of(4L, 6L, 7L, 8L);

  static final Map<String, Long> ERROR_KINDS = Map.of("UNKNOWN", 0L, "USER", 1L, "SYSTEM", 2L);

  private static final Condition ENDED = DSL.condition(EXECUTION.FINAL);
  private static final Condition UNDER_WAY = DSL.not(ENDED);
  private static final Set<String> NAMES = Set.of("name", "execution_name");
  private static final Set<String> UPDATED = Set.of("updated_at", "execution_updated_at");

  private static final List<Field<?>> SIZES =
      List.of(
          EXECUTION.SPEC,
          EXECUTION.INPUTS,
          EXECUTION.USER_INPUTS,
          EXECUTION.OUTPUTS,
          EXECUTION.ERROR_MESSAGE,
          EXECUTION.ABORT_CAUSE);

  private static final ListColumns TAGS =
      ListColumns.ofText("execution_tag", "execution_tag", EXECUTION_TAG.KEY)
          .text("key", EXECUTION_TAG.KEY)
          .text("name", EXECUTION_TAG.KEY)
          .text("value", EXECUTION_TAG.VALUE);

  static final ListColumns COLUMNS = columns(EXECUTION.UPDATED_AT);

  /**
   * The columns for ended executions: their {@code updated_at} equals {@code ended_at}, which is
   * indexed.
   */
  private static final ListColumns ENDED_COLUMNS = columns(EXECUTION.ENDED_AT);

  private ExecutionListing() {}

  /**
   * A subset of the executions that one index serves.
   *
   * @param columns the columns to filter and sort by, so that this index is used
   */
  private record Part(Condition condition, ListColumns columns) {}

  /**
   * Archived executions are left out unless a filter names their state.
   *
   * @param fields the columns to read
   */
  static PageQuery of(
      DSLContext sql, String project, String domain, List<Field<?>> fields, ListQuery query) {
    var inDomain = EXECUTION.PROJECT.eq(project).and(EXECUTION.DOMAIN.eq(domain));
    var scope =
        query.filtersOn("state") ? inDomain : inDomain.and(EXECUTION.STATE.eq(DSL.inline(0)));
    return new PageQuery(source(sql, scope, query), scope, fields, SIZES, COLUMNS);
  }

  /**
   * The table of executions. For a list by phase or by last change, a union of parts that fills the
   * page, except for a list of given names, which has few rows.
   */
  private static Table<?> source(DSLContext sql, Condition scope, ListQuery query) {
    var phases = query.filters().stream().filter(ExecutionListing::isOnPhase).toList();
    var updated = query.order().stream().anyMatch(order -> UPDATED.contains(order.field()));
    if ((phases.isEmpty() && !updated)
        || query.filters().stream().anyMatch(ExecutionListing::isOnNames)) {
      return EXECUTION;
    }
    var others = query.filters().stream().filter(filter -> !phases.contains(filter)).toList();
    var skipped = query.start() instanceof ListQuery.Start.Skip(var rows) ? rows : 0;
    return parts(phases).stream()
        .<Select<ExecutionRecord>>map(part ->
            sql.selectFrom(EXECUTION)
                .where(
                    scope
                        .and(part.condition())
                        .and(part.columns().condition(others))
                        .and(part.columns().after(query)))
                .orderBy(part.columns().order(query))
                .limit(skipped + query.limit() + 1))
        .reduce(Select::unionAll)
        .<Table<?>>map(union -> union.asTable(EXECUTION))
        .orElse(EXECUTION);
  }

  private static boolean isOnPhase(Filter filter) {
    return filter.field().equals("phase") && isOnExecution(filter);
  }

  /** Whether the filter selects executions by name, so that the primary key finds them. */
  private static boolean isOnNames(Filter filter) {
    return NAMES.contains(filter.field())
        && isOnExecution(filter)
        && (filter.operator() == Operator.EQUAL || filter.operator() == Operator.IN);
  }

  private static boolean isOnExecution(Filter filter) {
    return filter.entity().isEmpty() || filter.entity().equals("execution");
  }

  private static List<Part> parts(List<Filter> phases) {
    var chosen = new TreeSet<>(PHASES.values());
    phases.forEach(filter -> chosen.retainAll(NamedFilters.chosen("phase", PHASES, filter)));
    var parts = new ArrayList<Part>();
    var underWay = chosen.stream().filter(phase -> !OUTCOMES.contains(phase)).toList();
    if (!underWay.isEmpty()) {
      var phase = ListColumns.isOneOf(EXECUTION.PHASE, underWay);
      parts.add(new Part(phases.isEmpty() ? UNDER_WAY : UNDER_WAY.and(phase), COLUMNS));
    }
    chosen.stream()
        .filter(OUTCOMES::contains)
        .map(phase ->
            new Part(ENDED.and(EXECUTION.OUTCOME.eq(DSL.inline(phase.intValue()))), ENDED_COLUMNS))
        .forEach(parts::add);
    return parts;
  }

  /**
   * @param updatedAt the column with the time of the last change
   */
  private static ListColumns columns(Field<Instant> updatedAt) {
    var columns =
        ListColumns.of("e", "execution", EXECUTION.NUMBER)
            .number("id", EXECUTION.NUMBER)
            .text("project", EXECUTION.PROJECT)
            .text("domain", EXECUTION.DOMAIN)
            .text("name", EXECUTION.NAME)
            .text("execution_project", EXECUTION.PROJECT)
            .text("execution_domain", EXECUTION.DOMAIN)
            .text("execution_name", EXECUTION.NAME)
            .named("phase", EXECUTION.PHASE, PHASES)
            .numbered("mode", EXECUTION.MODE, Map.of())
            .numbered("state", EXECUTION.STATE, Map.of())
            .named("error_kind", EXECUTION.ERROR_KIND, ERROR_KINDS)
            .nullableText("error_code", EXECUTION.ERROR_CODE)
            .nullableText("abort_cause", EXECUTION.ABORT_CAUSE)
            .text("user", EXECUTION.PRINCIPAL)
            .text("cluster", DSL.inline(""))
            .nullableText("inputs_uri", EXECUTION.INPUTS_URI)
            .nullableText("user_inputs_uri", EXECUTION.USER_INPUTS_URI)
            .number("source_execution_id", orZero(EXECUTION.SOURCE_NUMBER))
            .number("parent_node_execution_id", orZero(EXECUTION.PARENT_NUMBER))
            .number("launch_plan_id", launchPlanId())
            .number("task_id", taskId())
            .number("workflow_id", workflowId())
            .text(
                "launch_entity",
                DSL.when(launched(EntityId.Kind.TASK), DSL.inline("TASK"))
                    .otherwise(DSL.inline("LAUNCH_PLAN")))
            .seconds("duration", EXECUTION.DURATION)
            .moment("created_at", EXECUTION.ACCEPTED_AT)
            .moment("execution_created_at", EXECUTION.ACCEPTED_AT)
            .moment("updated_at", updatedAt)
            .moment("execution_updated_at", updatedAt)
            .nullableMoment("started_at", EXECUTION.STARTED_AT)
            .nullableMoment("deleted_at", DSL.castNull(Instant.class))
            .unsortedBy("created_at")
            .joined("execution_tag", TAGS, ExecutionListing::tagged)
            .joined("admin_tag", TAGS, ExecutionListing::tagged);
    addLaunched(columns, "launch_plan", EntityId.Kind.LAUNCH_PLAN);
    addLaunched(columns, "task", EntityId.Kind.TASK);
    return columns
        .text("workflow.project", EXECUTION.WORKFLOW_PROJECT)
        .text("workflow.domain", EXECUTION.WORKFLOW_DOMAIN)
        .text("workflow.name", EXECUTION.WORKFLOW_NAME)
        .text("workflow.version", EXECUTION.WORKFLOW_VERSION);
  }

  /** {@code launch_plan.*} matches executions of launch plans only, {@code task.*} single tasks. */
  private static void addLaunched(ListColumns columns, String entity, EntityId.Kind kind) {
    var given = launched(kind);
    columns
        .textIf(given, entity + ".project", EXECUTION.LAUNCH_PROJECT)
        .textIf(given, entity + ".domain", EXECUTION.LAUNCH_DOMAIN)
        .textIf(given, entity + ".name", EXECUTION.LAUNCH_NAME)
        .textIf(given, entity + ".version", EXECUTION.LAUNCH_VERSION);
  }

  private static Condition launched(EntityId.Kind kind) {
    return EXECUTION.LAUNCH_KIND.eq(DSL.inline(kind.number()));
  }

  private static Field<Long> launchPlanId() {
    return idWhere(
        LAUNCH_PLAN.ID,
        launched(EntityId.Kind.LAUNCH_PLAN),
        LAUNCH_PLAN.PROJECT.eq(EXECUTION.LAUNCH_PROJECT),
        LAUNCH_PLAN.DOMAIN.eq(EXECUTION.LAUNCH_DOMAIN),
        LAUNCH_PLAN.NAME.eq(EXECUTION.LAUNCH_NAME),
        LAUNCH_PLAN.VERSION.eq(EXECUTION.LAUNCH_VERSION));
  }

  private static Field<Long> taskId() {
    return idWhere(
        TASK.ID,
        launched(EntityId.Kind.TASK),
        TASK.PROJECT.eq(EXECUTION.LAUNCH_PROJECT),
        TASK.DOMAIN.eq(EXECUTION.LAUNCH_DOMAIN),
        TASK.NAME.eq(EXECUTION.LAUNCH_NAME),
        TASK.VERSION.eq(EXECUTION.LAUNCH_VERSION));
  }

  private static Field<Long> workflowId() {
    return idWhere(
        WORKFLOW.ID,
        WORKFLOW.PROJECT.eq(EXECUTION.WORKFLOW_PROJECT),
        WORKFLOW.DOMAIN.eq(EXECUTION.WORKFLOW_DOMAIN),
        WORKFLOW.NAME.eq(EXECUTION.WORKFLOW_NAME),
        WORKFLOW.VERSION.eq(EXECUTION.WORKFLOW_VERSION));
  }

  /** The id of the row that meets the conditions; 0 if there is none. */
  private static Field<Long> idWhere(TableField<?, Long> id, Condition... conditions) {
    return orZero(DSL.field(DSL.select(id).from(id.getTable()).where(conditions)));
  }

  private static Condition tagged(Condition filters) {
    return DSL.exists(
        DSL.selectOne()
            .from(EXECUTION_TAG)
            .where(EXECUTION_TAG.EXECUTION_NUMBER.eq(EXECUTION.NUMBER))
            .and(filters));
  }

  private static Field<Long> orZero(Field<Long> number) {
    return DSL.coalesce(number, DSL.inline(0L));
  }
}
