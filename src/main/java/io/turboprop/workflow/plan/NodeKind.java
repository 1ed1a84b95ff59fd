package io.turboprop.workflow.plan;

import io.turboprop.data.Condition;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The kind of a node, with the entities it refers to. */
public sealed interface NodeKind {

  /** The start node: its outputs are the inputs of its graph. */
  record Start() implements NodeKind {}

  /** The end node: its inputs are the outputs of its graph. */
  record End() implements NodeKind {}

  /**
   * Runs a task. If the task writes a graph instead of outputs ({@code futures.pb}), the node is
   * dynamic and opens that graph.
   */
  record Task(EntityId task, TaskOverrides overrides) implements NodeKind {}

  /**
   * Runs another graph within the same execution. The node is never retried; it fails when the
   * graph fails.
   */
  record SubWorkflow(EntityId workflow, Graph graph) implements NodeKind {}

  /**
   * Runs one of its arms ({@code flyteidl.core.BranchNode}). The arms are the nodes of a graph
   * without edges; their bindings refer to the nodes around the branch.
   *
   * @param cases tried in this order; the first case whose condition holds selects the arm
   * @param otherwise the arm taken when none holds
   * @param failure the node's error when no case holds and {@code otherwise} is empty
   */
  record Branch(List<Case> cases, Optional<String> otherwise, ExecutionError failure, Graph arms)
      implements NodeKind {

    /**
     * The arm that runs when a condition holds.
     *
     * @param arm the id of a node of the arms' graph
     */
    public record Case(Condition condition, String arm) {}
  }

  /** Runs another execution and waits for its end ({@code WorkflowNode.launchplan_ref}). */
  record LaunchPlan(EntityId launchPlan) implements NodeKind {}

  /** Waits for a signal, an approval or a time ({@code flyteidl.core.GateNode}). */
  record Gate(GateCondition condition) implements NodeKind {}

  /**
   * Runs one node for every element of its list inputs ({@code flyteidl.core.ArrayNode}, and map
   * tasks).
   *
   * @param element the node that runs for each element; its id is {@code n} and the element's
   *     number
   * @param parallelismMax how many elements run at once; 0 is unlimited, empty means the limit of
   *     the execution
   * @param successesMin how many have to succeed
   * @param successRatioMin the ratio of elements that have to succeed, used if {@code successesMin}
   *     is empty
   * @param boundInputs inputs that every element gets whole even if they are lists
   * @param encoding the way in which an element's task reads its inputs and writes its outputs
   */
  record Array(
      PlanNode element,
      OptionalInt parallelismMax,
      OptionalInt successesMin,
      double successRatioMin,
      Set<String> boundInputs,
      Encoding encoding)
      implements NodeKind {

    /** The forms of array nodes and map tasks that the versions of flytekit register. */
    public enum Encoding {
      /**
       * An array node around a task that declares lists and finds its element in them by its
       * number. Every element has an output folder of its own.
       */
      ARRAY_NODE,
      /** An array node around a task or launch plan that declares plain values instead of lists. */
      ARRAY_NODE_OF_PLAIN_TASK,
      /** A task of type {@code container_array}: the task appends its number to the folder. */
      CONTAINER_ARRAY
    }
  }

  /** The condition for which a gate waits. */
  sealed interface GateCondition {
    record Sleep(Duration duration) implements GateCondition {}

    /**
     * A value from outside, which becomes the node's only output.
     *
     * @param type a serialized {@code flyteidl.core.LiteralType}
     */
    record Signal(String signalId, com.google.protobuf.ByteString type, String outputVariable)
        implements GateCondition {}

    /** An approval, after which the inputs become the outputs; a rejection fails the node. */
    record Approve(String signalId) implements GateCondition {}
  }
}
