package io.turboprop.plugin.local;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Outage;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts how often attempts could not be prepared or started for a passing reason. An attempt that
 * waits for a slot between two tries keeps its count. An outage of the blob store does not count,
 * however long it takes. A restart of the engine resets the counts.
 */
final class PreparationFailures {
  private static final int FAILURES_MAX = 6;

  private final Map<String, Integer> counts = new ConcurrentHashMap<>();

  /**
   * Counts a failure; returns the error of the attempt when the failure was the last allowed one.
   */
  Optional<ExecutionError> count(String attempt, Exception failure) {
    if (Outage.isCauseOf(failure)) {
      return Optional.empty();
    }
    var count = counts.merge(attempt, 1, Integer::sum);
    return count < FAILURES_MAX
        ? Optional.empty()
        : Optional.of(
            ExecutionError.system(
                "PreparationFailed",
                "the task could not be started %d times, at last: %s"
                    .formatted(count, failure.getMessage())));
  }

  void forget(String attempt) {
    counts.remove(attempt);
  }
}
