package io.turboprop.workflow.plan;

import java.time.Duration;
import java.util.Optional;

/**
 * The limits of one node, from its metadata or else its task's (engine §2.4, §2.5, §7.5). Different
 * from Flyte, no limit holds for all attempts together.
 *
 * @param attemptsMax declared retries + 1; 0 when nothing was declared
 * @param timeout the longest that one attempt may run; what it waits before that does not count
 * @param interruptible overrides the execution's setting
 */
public record NodePolicy(
    int attemptsMax, Optional<Duration> timeout, Optional<Boolean> interruptible) {
  public static final NodePolicy DEFAULT = new NodePolicy(0, Optional.empty(), Optional.empty());
}
