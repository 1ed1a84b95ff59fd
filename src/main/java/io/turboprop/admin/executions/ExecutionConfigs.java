package io.turboprop.admin.executions;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import flyteidl.admin.MatchableResourceOuterClass.MatchableResource;
import flyteidl.admin.MatchableResourceOuterClass.MatchingAttributes;
import flyteidl.admin.MatchableResourceOuterClass.WorkflowExecutionConfig;
import io.turboprop.admin.definitions.MatchableAttributes;
import io.turboprop.data.EntityId.Kind;
import io.turboprop.store.AttributeTables.Target;
import java.time.Duration;

/**
 * The configured settings of executions, by project, domain, workflow and launch plan. They are
 * read again every second, not for each execution.
 */
final class ExecutionConfigs {
  private static final Duration KEPT = Duration.ofSeconds(1);
  private static final int KEPT_MAX = 10_000;

  private final LoadingCache<Target, WorkflowExecutionConfig> known;

  ExecutionConfigs(MatchableAttributes attributes) {
    this.known =
        Caffeine.newBuilder()
            .expireAfterWrite(KEPT)
            .maximumSize(KEPT_MAX)
            .build(target ->
                attributes
                    .match(MatchableResource.WORKFLOW_EXECUTION_CONFIG, target)
                    .map(MatchingAttributes::getWorkflowExecutionConfig)
                    .orElseGet(WorkflowExecutionConfig::getDefaultInstance));
  }

  /**
   * The most specific matching setting, or else an empty one; single tasks have no setting of a
   * workflow.
   */
  public WorkflowExecutionConfig find(String project, String domain, LaunchTarget target) {
    var isTask = target.launched().kind() == Kind.TASK;
    return known.get(
        new Target(
            project,
            domain,
            isTask ? "" : target.workflow().name(),
            isTask ? "" : target.launched().name()));
  }
}
