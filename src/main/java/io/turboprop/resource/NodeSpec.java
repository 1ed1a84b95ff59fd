package io.turboprop.resource;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Tasks.ExtendedResources;
import flyteidl.core.Tasks.K8sPod;
import flyteidl.core.Workflow.Alias;
import flyteidl.core.Workflow.ApproveCondition;
import flyteidl.core.Workflow.SignalCondition;
import flyteidl.core.Workflow.SleepCondition;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node of a resource; the fields of other kinds of nodes are empty.
 *
 * @param kind {@code start}, {@code end}, {@code task}, {@code workflow}, {@code branch}, {@code
 *     gate} or {@code array}
 * @param task a key of the resource's tasks
 * @param executionDeadline how long an attempt may take, such as {@code 10m0s}
 * @param activeDeadline how long all attempts may take
 * @param interruptible empty to inherit
 */
public record NodeSpec(
    String id,
    String name,
    Optional<Requirements> resources,
    Optional<ExtendedResources> extendedResources,
    String kind,
    Optional<Branch> branch,
    String task,
    Optional<WorkflowTarget> workflow,
    Optional<Gate> gate,
    Optional<Array> array,
    List<Binding> inputBindings,
    List<Alias> outputAlias,
    Optional<Retry> retry,
    String executionDeadline,
    String activeDeadline,
    Optional<Boolean> interruptible,
    String containerImage,
    Optional<K8sPod> podTemplate) {

  /** Kubernetes' resource requirements: quantities by resource. */
  public record Requirements(Map<String, String> limits, Map<String, String> requests) {}

  /**
   * The target of a node of kind {@code workflow}: a launch plan or a sub-workflow.
   *
   * @param subWorkflowRef a key of the resource's sub-workflows
   */
  public record WorkflowTarget(Optional<Identifier> launchPlanRefId, String subWorkflowRef) {}

  /**
   * The cases of a branch, tried in their order.
   *
   * @param otherwise the id of the arm taken when no case holds; may be empty
   * @param elseFail the node's error when no case holds
   */
  public record Branch(
      @JsonProperty(value = "if", required = true) @JsonSetter(nulls = Nulls.FAIL) IfBlock first,
      @JsonProperty("elseIf") List<IfBlock> others,
      @JsonProperty("else") String otherwise,
      Optional<ElseFail> elseFail) {}

  /**
   * A case of a branch.
   *
   * @param then the id of the arm
   */
  public record IfBlock(
      @JsonProperty(required = true) BooleanExpression condition,
      @JsonProperty(required = true) String then) {}

  /** The error of a branch of which no case holds. */
  public record ElseFail(@JsonProperty("failed_node_id") String failedNodeId, String message) {}

  /** The condition of a gate, by its kind. */
  public record Gate(
      String kind,
      Optional<ApproveCondition> approve,
      Optional<SignalCondition> signal,
      Optional<SleepCondition> sleep) {}

  /**
   * The node that an array runs for every element.
   *
   * @param parallelism how many elements run at the same time; 0 is unlimited; empty means that the
   *     limit for nodes applies
   */
  public record Array(
      @JsonProperty(value = "SubNodeSpec", required = true) @JsonSetter(nulls = Nulls.FAIL)
          NodeSpec subNodeSpec,
      @JsonProperty("Parallelism") Optional<Integer> parallelism,
      @JsonProperty("MinSuccesses") Optional<Integer> minSuccesses,
      @JsonProperty("MinSuccessRatio") Optional<Float> minSuccessRatio,
      @JsonProperty("BoundInputs") List<String> boundInputs) {}

  /**
   * The retries of a node.
   *
   * @param minAttempts the number of attempts, including the first; 0 means not set
   */
  public record Retry(int minAttempts) {}
}
