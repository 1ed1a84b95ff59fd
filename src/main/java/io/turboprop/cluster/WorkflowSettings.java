package io.turboprop.cluster;

import com.typesafe.config.Config;
import io.turboprop.setting.Section;
import io.turboprop.workflow.state.ExecutionSettings;
import java.time.Duration;

/**
 * The section {@code turboprop.workflow}.
 *
 * @param executions the rules of executions that say nothing else
 * @param idleAfter an execution that waits for nothing sooner than this leaves memory
 * @param parkedRetry when an execution is tried again that this engine could not go on with
 * @param shards that executions are spread over
 */
public record WorkflowSettings(
    ExecutionSettings executions, Duration idleAfter, Duration parkedRetry, int shards) {

  /**
   * Reads the section {@code workflow} of the section {@code turboprop}.
   *
   * @throws com.typesafe.config.ConfigException naming what is out of bounds
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
            false),
        workflow.pause("idle-after"),
        workflow.pause("parked-retry"),
        workflow.number("shards", 1));
  }
}
