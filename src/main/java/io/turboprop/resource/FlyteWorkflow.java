package io.turboprop.resource;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.google.protobuf.Timestamp;
import flyteidl.admin.Common.RawOutputDataConfig;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Security.SecurityContext;
import flyteidl.core.Tasks.TaskTemplate;
import java.util.Map;
import java.util.Optional;

/**
 * One workflow execution as a resource (engine §7.2). What is absent in the document is empty here.
 *
 * @param kind {@code flyteworkflow}, in any case
 * @param spec the workflow itself; empty when {@code workflowClosureReference} says where it is
 * @param inputs empty when there are none, or {@code offloadedInputs} says where they are
 * @param tasks by opaque keys, to which the nodes refer
 * @param subWorkflows all of them, however deep, by opaque keys
 * @param executionId empty in documents that no FlyteAdmin has made
 * @param workflowClosureReference a {@code CompiledWorkflowClosure} in the blob store, or empty
 * @param offloadedInputs a {@code LiteralMap} in the blob store, or empty
 */
public record FlyteWorkflow(
    String kind,
    String apiVersion,
    Optional<Metadata> metadata,
    Optional<WorkflowSpec> spec,
    Optional<LiteralMap> inputs,
    Optional<WorkflowExecutionIdentifier> executionId,
    Map<String, TaskTemplate> tasks,
    Map<String, WorkflowSpec> subWorkflows,
    @JsonProperty("node-defaults") Optional<NodeDefaults> nodeDefaults,
    Optional<Timestamp> acceptedAt,
    Optional<SecurityContext> securityContext,
    Optional<RawOutputDataConfig> rawOutputDataConfig,
    Optional<ExecutionConfig> executionConfig,
    String workflowClosureReference,
    String offloadedInputs) {

  /** What Kubernetes knows of every object. */
  public record Metadata(
      String name, String namespace, Map<String, String> labels, Map<String, String> annotations) {}

  /** What holds for nodes that say nothing else. */
  public record NodeDefaults(boolean interruptible) {}

  /**
   * Options of the execution.
   *
   * @param maxParallelism 0 is unlimited
   * @param recoveryExecution an earlier execution to recover; without a name there is none
   */
  public record ExecutionConfig(
      @JsonProperty("MaxParallelism") int maxParallelism,
      @JsonProperty("RecoveryExecution") Optional<WorkflowExecutionIdentifier> recoveryExecution,
      @JsonProperty("Interruptible") Optional<Boolean> interruptible,
      @JsonProperty("OverwriteCache") boolean overwriteCache,
      @JsonProperty("EnvironmentVariables") Map<String, String> environmentVariables) {}
}
