package io.turboprop.store;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How executions stand that nodes of others have started. */
public final class ChildTables {
  private static final String FIND =
      """
      select parent_number, parent_path, parent_attempt, phase, final, outputs, outputs_uri,
        error_code, error_message, error_kind, abort_cause
      from execution where project = ? and domain = ? and name = ?
      """;

  private final Statements statements;

  public ChildTables(Database database) {
    this.statements = new Statements(database);
  }

  /**
   * An execution, and who waits for its end.
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

  /** The execution of this name, whoever has started it. */
  public Optional<ChildRow> find(ExecutionId id) {
    return statements.first(
        FIND,
        statement -> {
          statement.setString(1, id.project());
          statement.setString(2, id.domain());
          statement.setString(3, id.name());
        },
        ChildTables::row);
  }

  private static ChildRow row(ResultRow row) throws SQLException {
    var path = row.nullableText("parent_path");
    return new ChildRow(
        row.nullableNumber("parent_number"),
        path == null
            ? null
            : new NewExecution.Waiting(new NodePath(path), row.integer("parent_attempt")),
        row.integer("phase"),
        row.bool("final"),
        row.values("outputs"),
        row.error(),
        row.nullableText("abort_cause"));
  }
}
