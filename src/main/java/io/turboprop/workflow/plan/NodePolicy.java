package io.turboprop.workflow.plan;

import java.time.Duration;
import java.util.Optional;

/**
 * The limits of one node, from its {@code NodeMetadata}, or else from its task's {@code
 * TaskMetadata}. Unlike in Flyte, no limit spans all attempts.
 *
 * @param attemptsMax declared retries + 1; 0 when none are declared
 * @param timeout the longest time that one attempt may run; waiting before the start does not count
 * @param interruptible overrides the execution's setting
 */
public record NodePolicy(
    int attemptsMax, Optional<Duration> timeout, Optional<Boolean> interruptible) {
  public static final NodePolicy DEFAULT = new NodePolicy(0, Optional.empty(), Optional.empty());
}
