package io.turboprop.workflow.state;

import java.time.Duration;

/**
 * The engine's settings that the rules of an execution depend on, fixed when it starts so that a
 * replay decides as the first run did.
 *
 * @param parallelismMax how many nodes may be active at once; 0 is unlimited ({@code
 *     max_parallelism})
 * @param interruptible the execution's setting, else the workflow's default
 * @param systemRetriesMax how often a node is tried again after system errors
 * @param attemptsMaxDefault the retry budget of user errors of a node that declares none
 * @param backOffMin the pause before the first retry after a system error; it doubles from then on
 * @param backOffMax the longest such pause
 * @param inlineBytesMax the largest literal map that travels with events instead of by reference
 * @param elementsMax how many elements of one array are under way at once, also if the array allows
 *     more
 * @param nodesMax how many nodes all graphs together may have that the execution opens, start and
 *     end nodes included
 * @param looksForRecovery whether nodes are looked up in an earlier execution before they run
 */
public record ExecutionSettings(
    int parallelismMax,
    boolean interruptible,
    int systemRetriesMax,
    int attemptsMaxDefault,
    Duration backOffMin,
    Duration backOffMax,
    int inlineBytesMax,
    int elementsMax,
    int nodesMax,
    boolean looksForRecovery) {
  public static final ExecutionSettings DEFAULT =
      new ExecutionSettings(
          25,
          false,
          3,
          1,
          Duration.ofSeconds(1),
          Duration.ofMinutes(1),
          4 * 1024,
          1_000,
          250_000,
          false);
}
