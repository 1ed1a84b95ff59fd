package io.turboprop.plugin;

import flyteidl.admin.MatchableResourceOuterClass.TaskResourceAttributes;
import io.turboprop.data.ExecutionId;
import java.util.Map;
import java.util.Optional;

/**
 * Gives plugins the engine's records of executions and their projects. Every call may block, and
 * throws an exception when the database does not answer.
 */
public interface EngineRecords {

  /** Whether an execution has ended; empty when this engine does not know it. */
  Optional<Boolean> hasEnded(ExecutionId execution);

  /** The CLUSTER_RESOURCE attributes of a project and its domain, by name. */
  Map<String, String> clusterResources(String project, String domain);

  /**
   * The TASK_RESOURCE attributes for a task: those of its launch plan, else of its workflow, its
   * domain or its project; the default instance if there are none.
   */
  TaskResourceAttributes taskResources(TaskContext task);

  /**
   * The FlyteWorkflow resource of an execution; empty for the execution of a client, and where the
   * engine does not watch resources.
   */
  Optional<WorkflowResource> resource(ExecutionId execution);

  /**
   * A FlyteWorkflow resource.
   *
   * @param kubeconfig the file of {@code turboprop.kubernetes.kubeconfig}, which says with {@code
   *     context} in which cluster the resource is; either may be empty
   * @param uid Kubernetes' own, which is never used twice
   */
  record WorkflowResource(
      String kubeconfig, String context, String namespace, String name, String uid) {}
}
