package io.turboprop.workflow.plan;

import java.time.Duration;
import java.util.Optional;

/**
 * The limits of one node, from its metadata or else its task's (engine §2.4, §2.5, §7.5).
 *
 * @param attemptsMax declared retries + 1; 0 when nothing was declared
 * @param executionDeadline the longest that one attempt may take
 * @param activeDeadline the longest that all attempts may take, from the first queueing on
 * @param interruptible overrides the execution's setting
 */
public record NodePolicy(
    int attemptsMax,
    Optional<Duration> executionDeadline,
    Optional<Duration> activeDeadline,
    Optional<Boolean> interruptible) {
  public static final NodePolicy DEFAULT =
      new NodePolicy(0, Optional.empty(), Optional.empty(), Optional.empty());
}
