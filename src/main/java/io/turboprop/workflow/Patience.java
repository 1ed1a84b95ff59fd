package io.turboprop.workflow;

import java.time.Duration;
import java.util.Optional;

/**
 * How often an entity's own parts may fail, and how long it waits between: for ever when it is the
 * database's doing, else a few times in a row.
 */
final class Patience {
  private static final int FAILURES_MAX = 5;

  private int ofItsOwn;
  private int ofAnySort;

  /** The pause before the next try; empty when there should be none. */
  Optional<Duration> after(Throwable failure) {
    ofAnySort++;
    if (!Failures.isOutage(failure)) {
      ofItsOwn++;
    }
    return ofItsOwn < FAILURES_MAX ? Optional.of(Failures.pause(ofAnySort)) : Optional.empty();
  }

  /** All is well again. */
  void restore() {
    ofItsOwn = 0;
    ofAnySort = 0;
  }
}
