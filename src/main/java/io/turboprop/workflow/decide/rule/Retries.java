package io.turboprop.workflow.decide.rule;

import io.turboprop.data.ExecutionError;
import io.turboprop.setting.BackOff;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.state.ExecutionSettings;
import java.time.Duration;
import java.time.Instant;

/**
 * Decides whether a failed attempt is followed by another. System errors and user errors have
 * separate retry budgets.
 */
public final class Retries {
  private Retries() {}

  /** The verdict on a failure after which another attempt may succeed. */
  public sealed interface Verdict {
    record TryAgain(Instant notBefore) implements Verdict {}

    record GiveUp(ExecutionError error) implements Verdict {}
  }

  /**
   * @param attempt the failed attempt, from 0
   * @param systemFailures how many earlier attempts have failed by a system error
   */
  public static Verdict after(
      ExecutionError error,
      int attempt,
      int systemFailures,
      NodePolicy policy,
      ExecutionSettings settings,
      Instant now) {
    var system = error.kind() == ExecutionError.Kind.SYSTEM;
    var current = system ? systemFailures : attempt + 1 - systemFailures;
    var max = system ? settings.systemRetriesMax() : attemptsMax(policy, settings);
    if (current >= max) {
      return new Verdict.GiveUp(exhausted(error, current, max));
    }
    return new Verdict.TryAgain(system ? now.plus(pause(settings, systemFailures)) : now);
  }

  /** The retry budget of user errors; a declared 1 counts like none, as in Flyte. */
  public static int attemptsMax(NodePolicy policy, ExecutionSettings settings) {
    return policy.attemptsMax() > 1 ? policy.attemptsMax() : settings.attemptsMaxDefault();
  }

  private static Duration pause(ExecutionSettings settings, int systemFailures) {
    return new BackOff(settings.backOffMin(), settings.backOffMax()).after(systemFailures + 1);
  }

  private static ExecutionError exhausted(ExecutionError error, int current, int max) {
    return ExecutionError.user(
        "RetriesExhausted|" + error.code(),
        "[%d/%d] currentAttempt done. Last Error: %s::%s"
            .formatted(current, max, error.kind(), error.message()));
  }
}
