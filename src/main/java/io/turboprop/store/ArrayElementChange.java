package io.turboprop.store;

import com.google.protobuf.ByteString;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The change of the row of one element of an array of tasks; null leaves a column as it is.
 *
 * @param phase a number of {@code flyteidl.core.TaskExecution.Phase}
 * @param retry the element's attempt, from 0
 * @param startedAt when this attempt began to run
 * @param cacheStatus a number of {@code flyteidl.core.CatalogCacheStatus}
 * @param details replaces what is there: a serialized {@code flyteidl.event.TaskExecutionEvent}
 */
public record ArrayElementChange(
    Key key,
    int phase,
    int retry,
    int cacheStatus,
    @Nullable Instant startedAt,
    Instant updatedAt,
    @Nullable ByteString details)
    implements RowChange {

  /**
   * Which row.
   *
   * @param nodeId the array's node id, as clients see it
   * @param attempt the array's attempt, from 0
   * @param index the element's index, from 0
   */
  public record Key(long execution, String nodeId, int attempt, int index) {}

  @Override
  public long execution() {
    return key.execution();
  }

  /** This change and a later one of the same element. */
  public ArrayElementChange then(ArrayElementChange later) {
    return new ArrayElementChange(
        key,
        later.phase,
        later.retry,
        later.cacheStatus,
        retry == later.retry && startedAt != null ? startedAt : later.startedAt,
        later.updatedAt,
        later.details == null ? details : later.details);
  }
}
