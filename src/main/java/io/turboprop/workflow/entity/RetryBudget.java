package io.turboprop.workflow.entity;

import io.turboprop.workflow.state.WorkflowEvent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How often something that an entity depends on may fail, and how long it waits between: for ever
 * when it is an outage, else a few times in a row.
 */
final class RetryBudget {
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

  /**
   * All is well again once a step has been made that leads on. To look at sleepers again, and to
   * find that they sleep, does not: that much follows from every recovery.
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

  /** All is well again. */
  void restore() {
    ofItsOwn = 0;
    ofAnySort = 0;
  }
}
