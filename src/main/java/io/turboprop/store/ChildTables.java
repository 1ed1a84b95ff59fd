package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.EXECUTION;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.store.jooq.tables.records.ExecutionRecord;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the status of child executions, which nodes of other executions have started. */
public final class ChildTables {
  private final Database database;

  public ChildTables(Database database) {
    this.database = database;
  }

  /**
   * An execution, and the node that waits for its end.
   *
   * @param parent the number of the execution whose node has started it; null where none has
   * @param waiting the attempt of that node; null where none waits
   * @param phase a number of {@code flyteidl.core.WorkflowExecution.Phase}
   * @param ended whether nothing will happen any more
   */
  public record ChildRow(
      @Nullable Long parent,
      NewExecution.@Nullable Waiting waiting,
      int phase,
      boolean ended,
      @Nullable Values outputs,
      @Nullable ExecutionError error,
      @Nullable String abortCause) {}

  /** The execution of this name, started by a node or not. */
  public Optional<ChildRow> find(ExecutionId id) {
    return database
        .sql()
        .select(
            EXECUTION.PARENT_NUMBER,
            EXECUTION.PARENT_PATH,
            EXECUTION.PARENT_ATTEMPT,
            EXECUTION.PHASE,
            EXECUTION.FINAL,
            EXECUTION.OUTPUTS,
            EXECUTION.OUTPUTS_URI,
            EXECUTION.ERROR_CODE,
            EXECUTION.ERROR_MESSAGE,
            EXECUTION.ERROR_KIND,
            EXECUTION.ABORT_CAUSE)
        .from(EXECUTION)
        .where(
            EXECUTION.PROJECT.eq(id.project()),
            EXECUTION.DOMAIN.eq(id.domain()),
            EXECUTION.NAME.eq(id.name()))
        .fetchOptional(row -> row(row.into(EXECUTION)));
  }

  private static ChildRow row(ExecutionRecord row) {
    return new ChildRow(
        row.getParentNumber(),
        row.getParentPath() == null
            ? null
            : new NewExecution.Waiting(new NodePath(row.getParentPath()), row.getParentAttempt()),
        row.getPhase(),
        row.getFinal(),
        Rows.values(row.getOutputs(), row.getOutputsUri()),
        Rows.error(row.getErrorCode(), row.getErrorMessage(), row.getErrorKind()),
        row.getAbortCause());
  }
}
