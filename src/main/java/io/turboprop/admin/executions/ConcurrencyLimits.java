package io.turboprop.admin.executions;

import flyteidl.admin.LaunchPlanOuterClass.ConcurrencyPolicy;
import io.grpc.Status.Code;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.store.AcceptanceTables;
import io.turboprop.store.AcceptanceTables.Acceptance;
import io.turboprop.store.AcceptanceTables.StarterEndedException;
import io.turboprop.store.DeletionUnderWayException;
import io.turboprop.store.NewExecution;
import io.turboprop.workflow.entity.AcceptedExecution;
import java.util.Optional;

/**
 * Limits how many executions of a launch plan run at the same time ({@code
 * LaunchPlanSpec.concurrency_policy}), whether a client, a schedule or a node starts them. All
 * unfinished executions of all versions count. Unlike in FlyteAdmin, two simultaneous requests
 * can't both take the last permit.
 */
final class ConcurrencyLimits {
  private final AcceptanceTables acceptances;

  ConcurrencyLimits(AcceptanceTables acceptances) {
    this.acceptances = acceptances;
  }

  /**
   * Refuses an execution beyond the limit before anything is written for it. flytekit takes {@code
   * ALREADY_EXISTS} to mean that the named execution exists, so a request without a name gets
   * another code.
   *
   * @throws AdminException {@code ALREADY_EXISTS} or {@code RESOURCE_EXHAUSTED}
   */
  void check(LaunchTarget target, boolean named) {
    policy(target)
        .filter(policy -> acceptances.notEnded(target.launched()) >= policy.getMax())
        .ifPresent(policy -> {
          throw refusal(target, policy, named);
        });
  }

  /**
   * Accepts an execution unless it is beyond the limit by now.
   *
   * @return empty when an execution of this name exists already
   * @throws AdminException as {@link #check}; {@code UNAVAILABLE} when another execution is still
   *     being accepted, or files of an old execution are being deleted that it would share; {@code
   *     FAILED_PRECONDITION} when an eager task starts it whose execution has ended or is being
   *     aborted
   */
  Optional<AcceptedExecution> accept(LaunchTarget target, boolean named, NewExecution execution) {
    try {
      return acceptInTurn(target, named, execution);
    } catch (StarterEndedException e) {
      throw new AdminException(Code.FAILED_PRECONDITION, String.valueOf(e.getMessage()));
    } catch (DeletionUnderWayException e) {
      throw new AdminException(Code.UNAVAILABLE, String.valueOf(e.getMessage()));
    }
  }

  private Optional<AcceptedExecution> acceptInTurn(
      LaunchTarget target, boolean named, NewExecution execution) {
    var policy = policy(target);
    if (policy.isEmpty()) {
      return acceptances.accept(execution);
    }
    return switch (acceptances.acceptOneOf(policy.orElseThrow().getMax(), execution)) {
      case Acceptance.Decided(var accepted) -> accepted;
      case Acceptance.LimitReached _ -> throw refusal(target, policy.orElseThrow(), named);
      case Acceptance.HeldUp _ ->
          throw new AdminException(
              Code.UNAVAILABLE,
              "launch plan %s limits its executions, and another one is still being accepted; try again"
                  .formatted(target.launched().name()));
    };
  }

  /** The limit of the launch plan, if it has one. */
  private static Optional<ConcurrencyPolicy> policy(LaunchTarget target) {
    if (target.launched().kind() != Kind.LAUNCH_PLAN || !target.spec().hasConcurrencyPolicy()) {
      return Optional.empty();
    }
    var policy = target.spec().getConcurrencyPolicy();
    return switch (policy.getBehavior()) {
      case CONCURRENCY_LIMIT_BEHAVIOR_SKIP -> Optional.of(policy);
      case CONCURRENCY_LIMIT_BEHAVIOR_UNSPECIFIED, UNRECOGNIZED -> Optional.empty();
    };
  }

  private static AdminException refusal(
      LaunchTarget target, ConcurrencyPolicy policy, boolean named) {
    return new AdminException(
        named ? Code.ALREADY_EXISTS : Code.RESOURCE_EXHAUSTED,
        "concurrency limit (%d) reached for launch plan %s; skipping execution"
            .formatted(policy.getMax(), target.launched().name()));
  }
}
