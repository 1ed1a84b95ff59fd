package io.turboprop.store;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import io.turboprop.store.ListQuery.Filter;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.ResultQuery;
import org.jooq.impl.DSL;

/** What executions can be listed by. */
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

  private static final Map<String, Long> ERROR_KINDS =
      Map.of("UNKNOWN", 0L, "USER", 1L, "SYSTEM", 2L);

  private static final Set<String> TAG = Set.of("execution_tag", "admin_tag");
  private static final ListColumns COLUMNS = columns();
  private static final ListColumns TAG_COLUMNS =
      ListColumns.of("execution_tag", text("key"))
          .text("key", text("key"))
          .text("name", text("key"))
          .text("value", text("value"));

  private ExecutionListing() {}

  /** One page; archived executions are left out unless a filter names their state. */
  static ResultQuery<?> query(
      DSLContext sql, String columns, String project, String domain, ListQuery query) {
    var condition =
        text("project")
            .eq(project)
            .and(text("domain").eq(domain))
            .and(COLUMNS.condition(withoutTags(query)))
            .and(tagged(query));
    return sql.select(field(columns))
        .from(table(name("execution")))
        .where(query.filtersOn("state") ? condition : condition.and(number("state").eq(0L)))
        .orderBy(COLUMNS.order(query))
        .limit(query.limit())
        .offset(query.offset());
  }

  private static ListColumns columns() {
    var columns =
        ListColumns.of("e", number("number"))
            .number("id", number("number"))
            .text("execution_project", text("project"))
            .text("execution_domain", text("domain"))
            .text("execution_name", text("name"))
            .numbered("phase", number("phase"), PHASES)
            .numbered("mode", number("mode"), Map.of())
            .numbered("state", number("state"), Map.of())
            .numbered("error_kind", number("error_kind"), ERROR_KINDS)
            .text("error_code", text("error_code"))
            .text("abort_cause", text("abort_cause"))
            .text("user", text("principal"))
            .number("source_execution_id", number("source_number"))
            .text(
                "launch_entity",
                field("case launch_kind when 1 then 'TASK' else 'LAUNCH_PLAN' end", String.class))
            .seconds("duration", field("extract(epoch from ended_at - started_at)", Double.class))
            .moment("created_at", moment("accepted_at"))
            .moment("execution_created_at", moment("accepted_at"))
            .moment("updated_at", moment("updated_at"))
            .moment("execution_updated_at", moment("updated_at"))
            .moment("started_at", moment("started_at"));
    addEntity(columns, "launch_plan", "launch", 3);
    addEntity(columns, "task", "launch", 1);
    for (var part : new String[] {"project", "domain", "name", "version"}) {
      columns.text("workflow." + part, text("workflow_" + part));
    }
    return columns;
  }

  /** A launch plan and a task are told apart by what was launched: the other has no name. */
  private static void addEntity(ListColumns columns, String entity, String prefix, int kind) {
    for (var part : new String[] {"project", "domain", "name", "version"}) {
      columns.text(
          entity + "." + part,
          field(
              "case launch_kind when " + kind + " then " + prefix + "_" + part + " end",
              String.class));
    }
  }

  /** All filters about tags must hold for one tag. */
  private static Condition tagged(ListQuery query) {
    var filters =
        query.filters().stream()
            .filter(filter -> TAG.contains(filter.entity()))
            .map(filter -> new Filter("", filter.field(), filter.operator(), filter.values()))
            .toList();
    return filters.isEmpty()
        ? DSL.noCondition()
        : DSL.exists(
            DSL.selectOne()
                .from(table(name("execution_tag")))
                .where(field("execution_number").eq(field("number")))
                .and(TAG_COLUMNS.condition(new ListQuery(filters, List.of(), 1, 0))));
  }

  private static ListQuery withoutTags(ListQuery query) {
    var filters =
        query.filters().stream().filter(filter -> !TAG.contains(filter.entity())).toList();
    return new ListQuery(filters, query.order(), query.limit(), query.offset());
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
