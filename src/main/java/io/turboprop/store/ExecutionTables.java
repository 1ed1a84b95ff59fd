package io.turboprop.store;

import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Values;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.state.ExecutionSettings;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The accepted executions, as they are read. */
public final class ExecutionTables {
  private static final String COLUMNS =
      """
      number, project, domain, name, plan_digest,
      launch_kind, launch_project, launch_domain, launch_name, launch_version,
      workflow_project, workflow_domain, workflow_name, workflow_version,
      spec, inputs, inputs_uri, user_inputs, user_inputs_uri,
      parallelism_max, interruptible, system_retries_max, attempts_max_default,
      back_off_min_ms, back_off_max_ms, inline_bytes_max, elements_max, looks_for_recovery,
      phase, final, accepted_at, started_at, updated_at, ended_at, outputs, outputs_uri,
      error_code, error_message, error_kind,
      state, state_changed_at, state_changed_by, abort_cause, abort_principal, published_through,
      parked_at, parked_reason
      """;

  private static final String BY_NAME =
      """
      select %s, (
        select array_agg(distinct made.plan_digest) from dynamic_plan as made
        where made.execution_number = execution.number) as dynamic_plans
      from execution where project = ? and domain = ? and name = ?
      """
          .formatted(COLUMNS);

  private final Database database;
  private final Statements statements;

  public ExecutionTables(Database database) {
    this.database = database;
    this.statements = new Statements(database);
  }

  /** The execution of this name. */
  public Optional<ExecutionRow> find(ExecutionId id) {
    return statements.first(
        BY_NAME,
        Statements.Parameters.of(id.project(), id.domain(), id.name()),
        row -> row(row, row.nullableTexts("dynamic_plans")));
  }

  /** The executions that meet a query, in its order; without the plans of dynamic nodes. */
  public Page<ExecutionRow> list(String project, String domain, ListQuery query) {
    return ExecutionListing.of(database.sql(), project, domain, query)
        .readRows(database.sql(), query, row -> row(row, List.of()));
  }

  private static ExecutionRow row(ResultRow row, List<String> dynamicPlans) throws SQLException {
    var inputs = Optional.ofNullable(row.values("inputs")).orElse(Values.NONE);
    var abortCause = row.nullableText("abort_cause");
    var changedAt = row.nullableInstant("state_changed_at");
    var parkedAt = row.nullableInstant("parked_at");
    return new ExecutionRow(
        accepted(row, inputs, dynamicPlans),
        row.entity(EntityId.Kind.values()[row.integer("launch_kind")], "launch"),
        row.entity(EntityId.Kind.WORKFLOW, "workflow"),
        Optional.ofNullable(row.values("user_inputs")).orElse(inputs),
        row.integer("phase"),
        row.bool("final"),
        row.moments("accepted_at"),
        row.values("outputs"),
        row.error(),
        abortCause == null
            ? null
            : new ExecutionRow.AbortRequest(
                abortCause, orEmpty(row.nullableText("abort_principal"))),
        row.integer("state") == 1,
        changedAt == null
            ? null
            : new ExecutionRow.StateChange(
                changedAt, orEmpty(row.nullableText("state_changed_by"))),
        parkedAt == null
            ? null
            : new ExecutionRow.Parked(parkedAt, orEmpty(row.nullableText("parked_reason"))));
  }

  private static AcceptedExecution accepted(ResultRow row, Values inputs, List<String> dynamicPlans)
      throws SQLException {
    return new AcceptedExecution(
        row.execution(),
        row.number("number"),
        row.text("plan_digest"),
        inputs,
        new ExecutionSettings(
            row.integer("parallelism_max"),
            row.bool("interruptible"),
            row.integer("system_retries_max"),
            row.integer("attempts_max_default"),
            Duration.ofMillis(row.number("back_off_min_ms")),
            Duration.ofMillis(row.number("back_off_max_ms")),
            row.integer("inline_bytes_max"),
            row.integer("elements_max"),
            row.bool("looks_for_recovery")),
        row.bytes("spec"),
        row.instant("accepted_at"),
        row.number("published_through"),
        dynamicPlans);
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
