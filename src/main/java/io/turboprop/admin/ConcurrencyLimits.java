package io.turboprop.admin;

import io.grpc.Status.Code;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.store.ExecutionTables;

/**
 * How many executions of one launch plan there may be at a time (admin §4.9), whoever starts them.
 * All that have not ended count, of every version. Two requests at the same moment may both be let
 * pass.
 */
final class ConcurrencyLimits {
  private final ExecutionTables executions;

  ConcurrencyLimits(ExecutionTables executions) {
    this.executions = executions;
  }

  /**
   * Refuses one too many. flytekit takes {@code ALREADY_EXISTS} for the execution that it has
   * named, so a request without a name is answered otherwise.
   *
   * @throws AdminException {@code ALREADY_EXISTS} or {@code RESOURCE_EXHAUSTED}
   */
  void check(LaunchTarget target, boolean named) {
    if (target.launched().kind() != Kind.LAUNCH_PLAN || !target.spec().hasConcurrencyPolicy()) {
      return;
    }
    var policy = target.spec().getConcurrencyPolicy();
    switch (policy.getBehavior()) {
      case CONCURRENCY_LIMIT_BEHAVIOR_SKIP -> {
        if (executions.notEnded(target.launched()) >= policy.getMax()) {
          throw new AdminException(
              named ? Code.ALREADY_EXISTS : Code.RESOURCE_EXHAUSTED,
              "concurrency limit (%d) reached for launch plan %s; skipping execution"
                  .formatted(policy.getMax(), target.launched().name()));
        }
      }
      case CONCURRENCY_LIMIT_BEHAVIOR_UNSPECIFIED, UNRECOGNIZED -> {}
    }
  }
}
