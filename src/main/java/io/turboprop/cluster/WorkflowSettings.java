package io.turboprop.cluster;

import com.typesafe.config.Config;
import io.turboprop.setting.Section;
import io.turboprop.workflow.state.ExecutionSettings;
import java.time.Duration;

/**
 * The section {@code turboprop.workflow}.
 *
 * @param executions the settings of executions that have none of their own
 * @param idleAfter an execution is passivated if it has nothing to do for this long
 * @param nodesInMemoryMax the most nodes that the executions in memory have together
 * @param parkedRetry the pause after which a parked execution is retried
 * @param shards the number of shards that executions are spread over
 */
public record WorkflowSettings(
    ExecutionSettings executions,
    long nodesInMemoryMax,
    Duration idleAfter,
    Duration parkedRetry,
    int shards) {

  /** Nodes may take half of the heap, about 1 KiB each, with their plans. */
  private static final long HEAP_BYTES_PER_NODE = 2 * 1024;

  /**
   * Reads the section {@code workflow} of the section {@code turboprop}.
   *
   * @throws com.typesafe.config.ConfigException when a value is out of bounds; the message names
   *     the setting
   */
  public static WorkflowSettings from(Config turboprop) {
    var workflow = Section.of(turboprop, "workflow");
    return new WorkflowSettings(
        new ExecutionSettings(
            workflow.number("max-parallelism", 0),
            false,
            workflow.number("system-retries", 0),
            workflow.number("default-max-attempts", 1),
            workflow.pause("back-off-min"),
            workflow.pauseFrom("back-off-min", "back-off-max"),
            workflow.bytes("inline-max"),
            workflow.number("elements-max", 1),
            workflow.number("nodes-max", 1),
            false),
        nodesInMemoryMax(workflow.number("nodes-in-memory-max", 0)),
        workflow.pause("idle-after"),
        workflow.pause("parked-retry"),
        workflow.number("shards", 1));
  }

  private static long nodesInMemoryMax(int configured) {
    return configured == 0 ? Runtime.getRuntime().maxMemory() / HEAP_BYTES_PER_NODE : configured;
  }
}
