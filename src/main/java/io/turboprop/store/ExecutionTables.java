package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.DYNAMIC_PLAN;
import static io.turboprop.store.jooq.Tables.EXECUTION;

import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Values;
import io.turboprop.store.jooq.tables.Execution;
import io.turboprop.store.jooq.tables.records.ExecutionRecord;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.Unseen;
import io.turboprop.workflow.state.ExecutionSettings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** The accepted executions, as they are read. */
public final class ExecutionTables {
  /** The number of {@code flyteidl.admin.ExecutionState.EXECUTION_ARCHIVED}. */
  private static final int ARCHIVED = 1;

  /** The columns that are read of an execution to run it. */
  private static final List<Field<?>> COLUMNS_TO_RUN =
      List.of(
          EXECUTION.NUMBER,
          EXECUTION.PROJECT,
          EXECUTION.DOMAIN,
          EXECUTION.NAME,
          EXECUTION.PLAN_DIGEST,
          EXECUTION.SPEC,
          EXECUTION.INPUTS,
          EXECUTION.INPUTS_URI,
          EXECUTION.PARALLELISM_MAX,
          EXECUTION.INTERRUPTIBLE,
          EXECUTION.SYSTEM_RETRIES_MAX,
          EXECUTION.ATTEMPTS_MAX_DEFAULT,
          EXECUTION.BACK_OFF_MIN_MS,
          EXECUTION.BACK_OFF_MAX_MS,
          EXECUTION.INLINE_BYTES_MAX,
          EXECUTION.ELEMENTS_MAX,
          EXECUTION.NODES_MAX,
          EXECUTION.LOOKS_FOR_RECOVERY,
          EXECUTION.ACCEPTED_AT,
          EXECUTION.PUBLISHED_THROUGH);

  /** The columns that are read of an execution to show it. */
  static final List<Field<?>> COLUMNS =
      Stream.concat(
              COLUMNS_TO_RUN.stream(),
              Stream.<Field<?>>of(
                  EXECUTION.LAUNCH_KIND,
                  EXECUTION.LAUNCH_PROJECT,
                  EXECUTION.LAUNCH_DOMAIN,
                  EXECUTION.LAUNCH_NAME,
                  EXECUTION.LAUNCH_VERSION,
                  EXECUTION.WORKFLOW_PROJECT,
                  EXECUTION.WORKFLOW_DOMAIN,
                  EXECUTION.WORKFLOW_NAME,
                  EXECUTION.WORKFLOW_VERSION,
                  EXECUTION.USER_INPUTS,
                  EXECUTION.USER_INPUTS_URI,
                  EXECUTION.PHASE,
                  EXECUTION.FINAL,
                  EXECUTION.STARTED_AT,
                  EXECUTION.UPDATED_AT,
                  EXECUTION.ENDED_AT,
                  EXECUTION.OUTPUTS,
                  EXECUTION.OUTPUTS_URI,
                  EXECUTION.ERROR_CODE,
                  EXECUTION.ERROR_MESSAGE,
                  EXECUTION.ERROR_KIND,
                  EXECUTION.STATE,
                  EXECUTION.STATE_CHANGED_AT,
                  EXECUTION.STATE_CHANGED_BY,
                  EXECUTION.ABORT_CAUSE,
                  EXECUTION.ABORT_PRINCIPAL,
                  EXECUTION.PARKED_AT,
                  EXECUTION.PARKED_REASON,
                  EXECUTION.QUEUED))
          .toList();

  /** The plans that the dynamic nodes of an execution have made; null if they have made none. */
  private static final Field<String[]> DYNAMIC_PLANS =
      DSL.field(
              DSL.select(DSL.arrayAggDistinct(DYNAMIC_PLAN.PLAN_DIGEST))
                  .from(DYNAMIC_PLAN)
                  .where(DYNAMIC_PLAN.EXECUTION_NUMBER.eq(EXECUTION.NUMBER)))
          .as("dynamic_plans");

  private static final Condition NAMED =
      EXECUTION
          .PROJECT
          .eq(DSL.param(EXECUTION.PROJECT))
          .and(EXECUTION.DOMAIN.eq(DSL.param(EXECUTION.DOMAIN)))
          .and(EXECUTION.NAME.eq(DSL.param(EXECUTION.NAME)));

  private static final RenderedQuery FIND =
      RenderedQuery.of(DSL.select(COLUMNS).select(DYNAMIC_PLANS).from(EXECUTION).where(NAMED));

  private static final RenderedQuery FIND_UNDER_WAY =
      RenderedQuery.ofEach(
          "unnest(?::text[], ?::text[], ?::text[]) as wanted (project, domain, name)",
          DSL.select(COLUMNS_TO_RUN)
              .select(DYNAMIC_PLANS)
              .select(WakeUpTables.UNSEEN_COLUMNS)
              .select(EXECUTION.NODES_MADE)
              .from(EXECUTION)
              .where(
                  EXECUTION.PROJECT.eq(wanted(EXECUTION.PROJECT)),
                  EXECUTION.DOMAIN.eq(wanted(EXECUTION.DOMAIN)),
                  EXECUTION.NAME.eq(wanted(EXECUTION.NAME)),
                  WakeUpTables.UNDER_WAY,
                  DSL.not(DSL.condition(EXECUTION.QUEUED)))
              .limit(DSL.inline(1)));

  private static final Execution SOURCE = EXECUTION.as("source");

  private static final RenderedQuery SOURCE_GONE =
      RenderedQuery.of(
          DSL.select(EXECUTION.NUMBER)
              .from(EXECUTION)
              .where(
                  EXECUTION.NUMBER.eq(DSL.param(EXECUTION.NUMBER)),
                  EXECUTION.SOURCE_NUMBER.isNotNull(),
                  DSL.notExists(
                      DSL.selectOne()
                          .from(SOURCE)
                          .where(SOURCE.NUMBER.eq(EXECUTION.SOURCE_NUMBER)))));

  private final Database database;

  public ExecutionTables(Database database) {
    this.database = database;
  }

  /**
   * An execution that has begun and has not ended, and what it has not yet seen.
   *
   * @param nodesMade how many nodes its arrays and dynamic tasks have made, as far as is published
   */
  public record UnderWay(AcceptedExecution execution, Unseen unseen, long nodesMade) {}

  /** The execution of this name. */
  public Optional<ExecutionRow> find(ExecutionId id) {
    return FIND.fetch(database, ExecutionTables::row, id.project(), id.domain(), id.name()).stream()
        .findFirst();
  }

  /**
   * The executions of these names, in their order; empty for one that was not accepted, has ended,
   * or waits in the queue of its project.
   */
  public List<Optional<UnderWay>> findUnderWay(List<ExecutionId> ids) {
    var found =
        FIND_UNDER_WAY
            .fetch(
                database,
                ExecutionTables::underWay,
                names(ids, ExecutionId::project),
                names(ids, ExecutionId::domain),
                names(ids, ExecutionId::name))
            .stream()
            .collect(
                Collectors.toMap(row -> row.execution().id(), row -> row, (first, _) -> first));
    return ids.stream().map(id -> Optional.ofNullable(found.get(id))).toList();
  }

  private static String[] names(List<ExecutionId> ids, Function<ExecutionId, String> part) {
    return ids.stream().map(part).toArray(String[]::new);
  }

  /**
   * Whether the execution repeats another one that is deleted.
   *
   * @param execution its number
   */
  public boolean isSourceGone(long execution) {
    return !SOURCE_GONE.fetch(database, row -> row, execution).isEmpty();
  }

  private static UnderWay underWay(Record row) {
    var execution = Rows.record(EXECUTION, COLUMNS_TO_RUN, row);
    return new UnderWay(
        accepted(execution, inputs(execution), Rows.list(row.get(DYNAMIC_PLANS))),
        WakeUpTables.unseen(row),
        row.get(EXECUTION.NODES_MADE));
  }

  /** The column of the rows that {@link #FIND_UNDER_WAY} looks up. */
  private static Field<String> wanted(Field<String> column) {
    return DSL.field(DSL.name("wanted", column.getName()), String.class);
  }

  /** The executions that meet a query, in its order; without the plans of dynamic nodes. */
  public Page<ExecutionRow> list(String project, String domain, ListQuery query) {
    return ExecutionListing.of(database.sql(), project, domain, COLUMNS, query)
        .read(database, query, row -> row(Rows.record(EXECUTION, COLUMNS, row), List.of()));
  }

  private static ExecutionRow row(Record row) {
    return row(Rows.record(EXECUTION, COLUMNS, row), Rows.list(row.get(DYNAMIC_PLANS)));
  }

  private static ExecutionRow row(ExecutionRecord row, List<String> dynamicPlans) {
    var inputs = inputs(row);
    return new ExecutionRow(
        accepted(row, inputs, dynamicPlans),
        new EntityId(
            EntityId.Kind.of(row.getLaunchKind()),
            row.getLaunchProject(),
            row.getLaunchDomain(),
            row.getLaunchName(),
            row.getLaunchVersion()),
        new EntityId(
            EntityId.Kind.WORKFLOW,
            row.getWorkflowProject(),
            row.getWorkflowDomain(),
            row.getWorkflowName(),
            row.getWorkflowVersion()),
        orElse(Rows.values(row.getUserInputs(), row.getUserInputsUri()), inputs),
        row.getPhase(),
        row.getFinal(),
        new Timestamps(
            row.getAcceptedAt(), row.getStartedAt(), row.getUpdatedAt(), row.getEndedAt()),
        Rows.values(row.getOutputs(), row.getOutputsUri()),
        Rows.error(row.getErrorCode(), row.getErrorMessage(), row.getErrorKind()),
        row.getAbortCause() == null
            ? null
            : new ExecutionRow.AbortRequest(
                row.getAbortCause(), orElse(row.getAbortPrincipal(), "")),
        row.getState() == ARCHIVED,
        row.getStateChangedAt() == null
            ? null
            : new ExecutionRow.StateChange(
                row.getStateChangedAt(), orElse(row.getStateChangedBy(), "")),
        row.getParkedAt() == null
            ? null
            : new ExecutionRow.Parked(row.getParkedAt(), orElse(row.getParkedReason(), "")),
        row.getQueued());
  }

  private static Values inputs(ExecutionRecord row) {
    return orElse(Rows.values(row.getInputs(), row.getInputsUri()), Values.NONE);
  }

  private static AcceptedExecution accepted(
      ExecutionRecord row, Values inputs, List<String> dynamicPlans) {
    return new AcceptedExecution(
        new ExecutionId(row.getProject(), row.getDomain(), row.getName()),
        row.getNumber(),
        row.getPlanDigest(),
        inputs,
        new ExecutionSettings(
            row.getParallelismMax(),
            row.getInterruptible(),
            row.getSystemRetriesMax(),
            row.getAttemptsMaxDefault(),
            Duration.ofMillis(row.getBackOffMinMs()),
            Duration.ofMillis(row.getBackOffMaxMs()),
            row.getInlineBytesMax(),
            row.getElementsMax(),
            row.getNodesMax(),
            row.getLooksForRecovery()),
        Rows.bytes(row.getSpec()),
        row.getAcceptedAt(),
        row.getPublishedThrough(),
        dynamicPlans);
  }

  private static <T> T orElse(@Nullable T value, T other) {
    return value == null ? other : value;
  }
}
