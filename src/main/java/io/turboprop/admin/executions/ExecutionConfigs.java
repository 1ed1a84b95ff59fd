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

  private final MatchableAttributes attributes;
  private final LoadingCache<Target, Configured> known;

  /**
   * The configured settings of an execution.
   *
   * @param options empty if there are none
   * @param clusterLabel the attribute EXECUTION_CLUSTER_LABEL; empty if there is none
   * @param clusterPool the attribute CLUSTER_ASSIGNMENT; empty if there is none
   */
  record Configured(WorkflowExecutionConfig options, String clusterLabel, String clusterPool) {}

  ExecutionConfigs(MatchableAttributes attributes) {
    this.attributes = attributes;
    this.known =
        Caffeine.newBuilder().expireAfterWrite(KEPT).maximumSize(KEPT_MAX).build(this::read);
  }

  private Configured read(Target target) {
    return new Configured(
        match(MatchableResource.WORKFLOW_EXECUTION_CONFIG, target).getWorkflowExecutionConfig(),
        match(MatchableResource.EXECUTION_CLUSTER_LABEL, target)
            .getExecutionClusterLabel()
            .getValue(),
        match(MatchableResource.CLUSTER_ASSIGNMENT, target)
            .getClusterAssignment()
            .getClusterPoolName());
  }

  private MatchingAttributes match(MatchableResource type, Target target) {
    return attributes.match(type, target).orElseGet(MatchingAttributes::getDefaultInstance);
  }

  /** The most specific matching settings; single tasks have no setting of a workflow. */
  Configured find(String project, String domain, LaunchTarget target) {
    var isTask = target.launched().kind() == Kind.TASK;
    return known.get(
        new Target(
            project,
            domain,
            isTask ? "" : target.workflow().name(),
            isTask ? "" : target.launched().name()));
  }
}
