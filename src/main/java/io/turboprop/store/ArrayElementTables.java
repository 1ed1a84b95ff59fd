package io.turboprop.store;

import static io.turboprop.store.jooq.Tables.ARRAY_ELEMENT;

import com.google.protobuf.ByteString;
import io.turboprop.store.jooq.tables.records.ArrayElementRecord;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/** Reads the elements of arrays of tasks for clients. */
public final class ArrayElementTables {
  /** The number of {@code flyteidl.core.TaskExecution.Phase.SUCCEEDED}. */
  private static final int SUCCEEDED = 3;

  private final Database database;

  public ArrayElementTables(Database database) {
    this.database = database;
  }

  /**
   * One element and its status.
   *
   * @param index from 0
   * @param phase a number of {@code flyteidl.core.TaskExecution.Phase}
   * @param retry the latest attempt, from 0
   * @param cacheStatus a number of {@code flyteidl.core.CatalogCacheStatus}
   * @param startedAt when that attempt began to run; null if it has not
   * @param details a serialized {@code flyteidl.event.TaskExecutionEvent}: the latest that was told
   */
  public record ElementRow(
      int index,
      int phase,
      int retry,
      int cacheStatus,
      @Nullable Instant startedAt,
      Instant updatedAt,
      ByteString details) {}

  /**
   * The elements that have a row: those that did not succeed before the others, each group by
   * index.
   *
   * @param attempt the array's attempt, from 0
   * @param limit how many at most
   */
  public List<ElementRow> list(long execution, String nodeId, int attempt, int limit) {
    return database
        .sql()
        .selectFrom(ARRAY_ELEMENT)
        .where(isOf(execution, nodeId, attempt))
        .orderBy(DSL.field(ARRAY_ELEMENT.PHASE.eq(SUCCEEDED)), ARRAY_ELEMENT.INDEX)
        .limit(limit)
        .fetch(ArrayElementTables::row);
  }

  /**
   * One element; empty if its task was not asked to be run.
   *
   * @param attempt the array's attempt, from 0
   */
  public Optional<ElementRow> find(long execution, String nodeId, int attempt, int index) {
    return database
        .sql()
        .selectFrom(ARRAY_ELEMENT)
        .where(isOf(execution, nodeId, attempt), ARRAY_ELEMENT.INDEX.eq(index))
        .fetchOptional(ArrayElementTables::row);
  }

  private static Condition isOf(long execution, String nodeId, int attempt) {
    return ARRAY_ELEMENT
        .EXECUTION_NUMBER
        .eq(execution)
        .and(ARRAY_ELEMENT.NODE_ID.eq(nodeId))
        .and(ARRAY_ELEMENT.ATTEMPT.eq(attempt));
  }

  private static ElementRow row(ArrayElementRecord row) {
    return new ElementRow(
        row.getIndex(),
        row.getPhase(),
        row.getRetry(),
        row.getCacheStatus(),
        row.getStartedAt(),
        row.getUpdatedAt(),
        Rows.bytes(row.getDetails()));
  }
}
