package io.turboprop.store;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import io.turboprop.store.ListQuery.Filter;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Select;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * What executions can be listed by, so that a page takes as long with a million executions as with
 * a hundred.
 *
 * <p>The phase of an execution under way changes often and is in no index; its final phase, the
 * {@code outcome}, is. So a list by phases, or by the time of the last change, is put together from
 * parts: executions under way, and one part for each outcome. Each part follows an index, and gives
 * no more rows than the page has.
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

  private static final Table<?> EXECUTION = table(name("execution"));
  private static final Condition UNDER_WAY = DSL.condition("not final");
  private static final Condition ENDED = DSL.condition("final");
  private static final Field<Long> OUTCOME = number("outcome");
  private static final Set<String> UPDATED = Set.of("updated_at", "execution_updated_at");

  private static final List<Field<?>> SIZES =
      List.of(
          field(name("spec")),
          field(name("inputs")),
          field(name("user_inputs")),
          field(name("outputs")),
          field(name("error_message")),
          field(name("abort_cause")));

  private static final ListColumns TAGS =
      ListColumns.ofText("execution_tag", "execution_tag", text("key"))
          .text("key", text("key"))
          .text("name", text("key"))
          .text("value", text("value"));

  static final ListColumns COLUMNS = columns(moment("updated_at"));

  /** Of executions that have ended: their last change is their end, which is in an index. */
  private static final ListColumns ENDED_COLUMNS = columns(moment("ended_at"));

  private ExecutionListing() {}

  /**
   * Some of the executions, which an index finds.
   *
   * @param columns how their order is told to the index
   */
  private record Part(Condition condition, ListColumns columns) {}

  /** Archived executions are left out unless a filter names their state. */
  static PageQuery of(DSLContext sql, String project, String domain, ListQuery query) {
    var inDomain = text("project").eq(project).and(text("domain").eq(domain));
    var scope =
        query.filtersOn("state") ? inDomain : inDomain.and(number("state").eq(DSL.inline(0L)));
    return new PageQuery(source(sql, scope, query), scope, List.of(DSL.asterisk()), SIZES, COLUMNS);
  }

  /** The table, or the parts of it that have the rows of the page. */
  private static Table<?> source(DSLContext sql, Condition scope, ListQuery query) {
    var phases = query.filters().stream().filter(ExecutionListing::isOnPhase).toList();
    var updated = query.order().stream().anyMatch(order -> UPDATED.contains(order.field()));
    if (phases.isEmpty() && !updated) {
      return EXECUTION;
    }
    var others = query.filters().stream().filter(filter -> !phases.contains(filter)).toList();
    var skipped = query.start() instanceof ListQuery.Start.Skip(var rows) ? rows : 0;
    return parts(phases).stream()
        .<Select<Record>>map(part ->
            sql.select(DSL.asterisk())
                .from(EXECUTION)
                .where(
                    scope
                        .and(part.condition())
                        .and(part.columns().condition(others))
                        .and(part.columns().after(query)))
                .orderBy(part.columns().order(query))
                .limit(skipped + query.limit() + 1))
        .reduce(Select::unionAll)
        .<Table<?>>map(union -> union.asTable("execution"))
        .orElse(EXECUTION);
  }

  private static boolean isOnPhase(Filter filter) {
    return filter.field().equals("phase")
        && (filter.entity().isEmpty() || filter.entity().equals("execution"));
  }

  private static List<Part> parts(List<Filter> phases) {
    var chosen = new TreeSet<>(PHASES.values());
    phases.forEach(filter -> chosen.retainAll(NamedFilters.chosen("phase", PHASES, filter)));
    var parts = new ArrayList<Part>();
    var underWay = chosen.stream().filter(phase -> !OUTCOMES.contains(phase)).toList();
    if (!underWay.isEmpty()) {
      var phase = ListColumns.isOneOf(number("phase"), underWay);
      parts.add(new Part(phases.isEmpty() ? UNDER_WAY : UNDER_WAY.and(phase), COLUMNS));
    }
    chosen.stream()
        .filter(OUTCOMES::contains)
        .map(phase -> new Part(ENDED.and(OUTCOME.eq(DSL.inline(phase))), ENDED_COLUMNS))
        .forEach(parts::add);
    return parts;
  }

  /**
   * @param updatedAt what holds the time of the last change
   */
  private static ListColumns columns(Field<OffsetDateTime> updatedAt) {
    var columns =
        ListColumns.of("e", "execution", number("number"))
            .number("id", number("number"))
            .text("project", text("project"))
            .text("domain", text("domain"))
            .text("name", text("name"))
            .text("execution_project", text("project"))
            .text("execution_domain", text("domain"))
            .text("execution_name", text("name"))
            .named("phase", number("phase"), PHASES)
            .numbered("mode", number("mode"), Map.of())
            .numbered("state", number("state"), Map.of())
            .named("error_kind", number("error_kind"), ERROR_KINDS)
            .nullableText("error_code", text("error_code"))
            .nullableText("abort_cause", text("abort_cause"))
            .text("user", text("principal"))
            .text("cluster", DSL.inline(""))
            .nullableText("inputs_uri", text("inputs_uri"))
            .nullableText("user_inputs_uri", text("user_inputs_uri"))
            .number("source_execution_id", orZero("source_number"))
            .number("parent_node_execution_id", orZero("parent_number"))
            .number("launch_plan_id", idOf("launch_plan", "launch", 3))
            .number("task_id", idOf("task", "launch", 1))
            .number("workflow_id", idOf("workflow", "workflow", null))
            .text(
                "launch_entity",
                field("case launch_kind when 1 then 'TASK' else 'LAUNCH_PLAN' end", String.class))
            .seconds("duration", field(name("duration"), Double.class))
            .moment("created_at", moment("accepted_at"))
            .moment("execution_created_at", moment("accepted_at"))
            .moment("updated_at", updatedAt)
            .moment("execution_updated_at", updatedAt)
            .nullableMoment("started_at", moment("started_at"))
            .nullableMoment("deleted_at", DSL.castNull(OffsetDateTime.class))
            .unsortedBy("created_at")
            .joined("execution_tag", TAGS, ExecutionListing::tagged)
            .joined("admin_tag", TAGS, ExecutionListing::tagged);
    addEntity(columns, "launch_plan", "launch", number("launch_kind").eq(DSL.inline(3L)));
    addEntity(columns, "task", "launch", number("launch_kind").eq(DSL.inline(1L)));
    addEntity(columns, "workflow", "workflow", DSL.noCondition());
    return columns;
  }

  /** The fields of a launch plan or a task count only where that is what was launched. */
  private static void addEntity(
      ListColumns columns, String entity, String prefix, Condition given) {
    for (var part : new String[] {"project", "domain", "name", "version"}) {
      columns.textIf(given, entity + "." + part, text(prefix + "_" + part));
    }
  }

  /**
   * The id of what was launched, or of the workflow; 0 where it was something else.
   *
   * @param kind of what was launched; null for any
   */
  private static Field<Long> idOf(String entity, String prefix, @Nullable Integer kind) {
    return field(
        """
        coalesce((select id from %1$s as of_id where %3$s
          of_id.project = %2$s_project and of_id.domain = %2$s_domain
          and of_id.name = %2$s_name and of_id.version = %2$s_version), 0)
        """
            .formatted(entity, prefix, kind == null ? "" : "launch_kind = " + kind + " and"),
        Long.class);
  }

  private static Condition tagged(Condition filters) {
    return DSL.exists(
        DSL.selectOne()
            .from(table(name("execution_tag")))
            .where(field(name("execution_number")).eq(field(name("number"))))
            .and(filters));
  }

  private static Field<Long> orZero(String column) {
    return DSL.coalesce(number(column), DSL.inline(0L));
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
