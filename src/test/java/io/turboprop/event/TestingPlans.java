package io.turboprop.event;

import com.google.protobuf.ByteString;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Types.OutputReference;
import io.turboprop.data.Binding;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Values;
import io.turboprop.store.NewExecution;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.TaskOverrides;
import io.turboprop.workflow.state.ExecutionSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;

/** Small plans, and executions of them. */
public final class TestingPlans {
  public static final EntityId TASK =
      new EntityId(EntityId.Kind.TASK, "p", "d", "tasks.double", "v1");
  public static final EntityId WORKFLOW =
      new EntityId(EntityId.Kind.WORKFLOW, "p", "d", "flows.chain", "v1");
  public static final EntityId LAUNCH_PLAN =
      new EntityId(EntityId.Kind.LAUNCH_PLAN, "p", "d", "flows.chain", "v1");

  private TestingPlans() {}

  /** Tasks n0, n1, … one after the other; each takes {@code o0} of the one before as {@code x}. */
  public static Plan chain(int length) {
    return plan(chainGraph(length, Optional.empty()));
  }

  /** One node n0 that holds a chain. */
  public static Plan nested(int length) {
    var inner =
        new PlanNode(
            "n0",
            "inner",
            new NodeKind.SubWorkflow(WORKFLOW, chainGraph(length, Optional.empty())),
            List.of(promise("x", "", "x")),
            NodePolicy.DEFAULT);
    return plan(chainGraph(1, Optional.of(inner)));
  }

  public static NewExecution execution(String name, Instant at) {
    return execution(new ExecutionId("p", "d", name), at);
  }

  public static NewExecution execution(ExecutionId id, Instant at) {
    return new NewExecution(
        id,
        "digest",
        LAUNCH_PLAN,
        WORKFLOW,
        ByteString.EMPTY,
        Values.NONE,
        null,
        0,
        "",
        null,
        null,
        ExecutionSettings.DEFAULT,
        List.of(),
        at,
        false);
  }

  private static Plan plan(Graph graph) {
    return new Plan("digest", WORKFLOW, graph);
  }

  private static Graph chainGraph(int length, Optional<PlanNode> only) {
    var nodes = new ArrayList<PlanNode>();
    nodes.add(node(PlanNode.START, new NodeKind.Start(), List.of()));
    for (int i = 0; i < length; i++) {
      var binding = i == 0 ? promise("x", "", "x") : promise("x", "n" + (i - 1), "o0");
      nodes.add(
          only.orElse(
              node("n" + i, new NodeKind.Task(TASK, TaskOverrides.NONE), List.of(binding))));
    }
    nodes.add(
        node(PlanNode.END, new NodeKind.End(), List.of(promise("o0", "n" + (length - 1), "o0"))));
    var edges = new HashMap<String, List<String>>();
    for (int i = 1; i < nodes.size(); i++) {
      edges.put(nodes.get(i - 1).id(), List.of(nodes.get(i).id()));
    }
    return Graph.of(nodes, edges, Graph.FailurePolicy.FAIL_IMMEDIATELY);
  }

  private static PlanNode node(String id, NodeKind kind, List<Binding> bindings) {
    return new PlanNode(id, "", kind, bindings, NodePolicy.DEFAULT);
  }

  private static Binding promise(String variable, String node, String output) {
    return new Binding(
        variable,
        BindingData.newBuilder()
            .setPromise(OutputReference.newBuilder().setNodeId(node).setVar(output))
            .build());
  }
}
