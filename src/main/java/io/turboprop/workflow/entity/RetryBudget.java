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

  /** The failures since the last progress, without outages. */
  private int failures;

  /** The failures since the last progress, outages included. */
  private int attempts;

  /** The pause before the next retry; empty if the budget is used up. */
  Optional<Duration> after(Throwable failure) {
    attempts++;
    if (!Failures.isOutage(failure)) {
      failures++;
    }
    return failures < FAILURES_MAX ? Optional.of(Failures.pause(attempts)) : Optional.empty();
  }

  /**
   * Restores the budget after a step that makes progress. {@code NodeAwoken} and {@code
   * NodeRunning} are no progress: every recovery wakes the sleeping nodes, and each reports {@code
   * Running} before it sleeps again.
   */
  void restoreAfter(List<WorkflowEvent> events) {
    if (attempts > 0 && events.stream().anyMatch(RetryBudget::leadsOn)) {
      restore();
    }
  }

  private static boolean leadsOn(WorkflowEvent event) {
    return !(event instanceof WorkflowEvent.NodeAwoken
        || event instanceof WorkflowEvent.NodeRunning);
  }

  /** Restores the budget. */
  void restore() {
    failures = 0;
    attempts = 0;
  }
}
