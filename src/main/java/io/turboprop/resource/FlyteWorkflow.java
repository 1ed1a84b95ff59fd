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
 * A workflow execution as a resource. Absent fields of the document are empty here.
 *
 * @param kind {@code flyteworkflow}, in any case
 * @param spec the workflow itself; empty when {@code workflowClosureReference} names its file
 * @param inputs the inputs; empty when there are none, or when {@code offloadedInputs} names their
 *     file
 * @param tasks the tasks by opaque keys, to which the nodes refer
 * @param subWorkflows all sub-workflows of any depth, by opaque keys
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

  /** The metadata that Kubernetes keeps for every object. */
  public record Metadata(
      String name, String namespace, Map<String, String> labels, Map<String, String> annotations) {}

  /** The defaults of nodes. */
  public record NodeDefaults(boolean interruptible) {}

  /**
   * The options of the execution.
   *
   * @param maxParallelism 0 is unlimited
   * @param recoveryExecution the earlier execution to recover; none if its name is empty
   */
  public record ExecutionConfig(
      @JsonProperty("MaxParallelism") int maxParallelism,
      @JsonProperty("RecoveryExecution") Optional<WorkflowExecutionIdentifier> recoveryExecution,
      @JsonProperty("Interruptible") Optional<Boolean> interruptible,
      @JsonProperty("OverwriteCache") boolean overwriteCache,
      @JsonProperty("EnvironmentVariables") Map<String, String> environmentVariables) {}
}
