package io.turboprop.store;

import com.google.protobuf.ByteString;
import java.util.List;

/** What clients read of the elements of arrays of tasks. */
public final class ArrayElementTables {
  private final Statements statements;

  public ArrayElementTables(Database database) {
    this.statements = new Statements(database);
  }

  /**
   * One element and how far it is.
   *
   * @param index from 0
   * @param phase a number of {@code flyteidl.core.TaskExecution.Phase}
   * @param retry the latest attempt, from 0
   * @param cacheStatus a number of {@code flyteidl.core.CatalogCacheStatus}
   * @param details a serialized {@code flyteidl.event.TaskExecutionEvent}: the latest that was told
   */
  public record ElementRow(int index, int phase, int retry, int cacheStatus, ByteString details) {}

  /**
   * The elements that were told of: those that did not succeed before the others, each by index.
   *
   * @param attempt of the array, from 0
   * @param limit how many at most
   */
  public List<ElementRow> list(long execution, String nodeId, int attempt, int limit) {
    return statements.list(
        """
        select index, phase, retry, cache_status, details from array_element
        where execution_number = ? and node_id = ? and attempt = ?
        order by phase = 3, index limit ?
        """,
        statement -> {
          statement.setLong(1, execution);
          statement.setString(2, nodeId);
          statement.setInt(3, attempt);
          statement.setInt(4, limit);
        },
        row ->
            new ElementRow(
                row.integer("index"),
                row.integer("phase"),
                row.integer("retry"),
                row.integer("cache_status"),
                row.bytes("details")));
  }
}
