package io.turboprop.workflow.entity;

import io.turboprop.workflow.state.WorkflowEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The retry budget of a part that an entity depends on: an outage is retried without limit, any
 * other failure a few times in a row.
 */
final class RetryBudget {
  private static final int FAILURES_MAX = 5;

  private int ofItsOwn;
  private int ofAnySort;

  /** The pause before the next retry; empty if the budget is used up. */
  Optional<Duration> after(Throwable failure) {
    ofAnySort++;
    if (!Failures.isOutage(failure)) {
      ofItsOwn++;
    }
    return ofItsOwn < FAILURES_MAX ? Optional.of(Failures.pause(ofAnySort)) : Optional.empty();
  }

  /**
   * Restores the budget after a step that makes progress. Waking sleeping nodes that then sleep
   * again is no progress, because every recovery causes it.
   */
  void restoreAfter(List<WorkflowEvent> events) {
    if (ofAnySort > 0 && events.stream().anyMatch(RetryBudget::leadsOn)) {
      restore();
    }
  }

  private static boolean leadsOn(WorkflowEvent event) {
    return !(event instanceof WorkflowEvent.NodeAwoken
        || event instanceof WorkflowEvent.NodeRunning);
  }

  /** Restores the budget. */
  void restore() {
    ofItsOwn = 0;
    ofAnySort = 0;
  }
}
