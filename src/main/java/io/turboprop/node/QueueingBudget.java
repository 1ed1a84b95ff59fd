package io.turboprop.node;

import flyteidl.core.Execution.QualityOfService;
import java.time.Duration;

/**
 * How long the tasks of an execution may wait for a slot, by the execution's quality of service.
 * The budgets of the tiers differ by minutes: a task of a low tier is served before a task of a
 * high tier that arrived later by more than that difference.
 */
final class QueueingBudget {
  private static final Duration MEDIUM = Duration.ofMinutes(2);
  private static final Duration LOW = Duration.ofMinutes(20);

  private QueueingBudget() {}

  static Duration of(QualityOfService quality) {
    return switch (quality.getDesignationCase()) {
      case SPEC -> {
        var budget = quality.getSpec().getQueueingBudget();
        yield Duration.ofSeconds(budget.getSeconds(), budget.getNanos());
      }
      case TIER ->
          switch (quality.getTier()) {
            case HIGH -> Duration.ZERO;
            case LOW -> LOW;
            case MEDIUM, UNDEFINED, UNRECOGNIZED -> MEDIUM;
          };
      case DESIGNATION_NOT_SET -> MEDIUM;
    };
  }
}
