package io.turboprop.workflow.plan;

import io.turboprop.data.Condition;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** What a node does, and to what it refers. */
public sealed interface NodeKind {

  /** Holds the inputs of its graph as its outputs. */
  record Start() implements NodeKind {}

  /** Its inputs are the outputs of its graph. */
  record End() implements NodeKind {}

  /**
   * Runs a task. A task that leaves a graph instead of outputs (engine §4.7) opens that graph: the
   * node is dynamic.
   */
  record Task(EntityId task, TaskOverrides overrides) implements NodeKind {}

  /** Walks another graph as part of the same execution; retried never, failed when it fails. */
  record SubWorkflow(EntityId workflow, Graph graph) implements NodeKind {}

  /**
   * Runs one of its arms (engine §4.4). The arms are the nodes of a graph without edges; their
   * bindings refer to the nodes around the branch.
   *
   * @param cases tried in this order; the first that holds says which arm is taken
   * @param otherwise the arm taken when none holds
   * @param failure what the node fails with when none holds and there is no such arm
   */
  record Branch(List<Case> cases, Optional<String> otherwise, ExecutionError failure, Graph arms)
      implements NodeKind {

    /**
     * What is walked when a condition holds.
     *
     * @param arm the id of a node of the arms' graph
     */
    public record Case(Condition condition, String arm) {}
  }

  /** Runs another execution and waits for its end (engine §4.6). */
  record LaunchPlan(EntityId launchPlan) implements NodeKind {}

  /** Waits for a moment or a person (engine §4.8). */
  record Gate(GateCondition condition) implements NodeKind {}

  /**
   * Runs one node for every element of its list inputs (engine §4.9, 4.10).
   *
   * @param element what is run; its id is the element's number behind an {@code n}
   * @param parallelismMax how many elements run at once; 0 is unlimited, empty is as many as nodes
   *     of the execution
   * @param successesMin how many have to succeed
   * @param successRatioMin which part has to succeed, unless {@code successesMin} is given
   * @param boundInputs inputs that every element gets whole even if they are lists
   * @param encoding where a task finds its inputs and puts its outputs
   */
  record Array(
      PlanNode element,
      OptionalInt parallelismMax,
      OptionalInt successesMin,
      double successRatioMin,
      Set<String> boundInputs,
      Encoding encoding)
      implements NodeKind {

    /** The generations of map tasks (tasks §7). */
    public enum Encoding {
      /**
       * An array node around a task that declares lists, and finds its part in them by its number;
       * every element has an output folder of its own.
       */
      ARRAY_NODE,
      /** An array node around something that knows nothing of lists. */
      ARRAY_NODE_OF_PLAIN_TASK,
      /** A task of type {@code container_array}: the task appends its number to the folder. */
      CONTAINER_ARRAY
    }
  }

  /** What a gate waits for. */
  sealed interface GateCondition {
    record Sleep(Duration duration) implements GateCondition {}

    /**
     * A value from outside, which becomes the node's only output.
     *
     * @param type a serialized {@code flyteidl.core.LiteralType}
     */
    record Signal(String signalId, com.google.protobuf.ByteString type, String outputVariable)
        implements GateCondition {}

    /** A yes, upon which the inputs become the outputs; a no fails the node. */
    record Approve(String signalId) implements GateCondition {}
  }
}
