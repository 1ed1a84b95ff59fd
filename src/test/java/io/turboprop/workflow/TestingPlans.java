package io.turboprop.workflow;

import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.OutputReference;
import io.turboprop.data.Binding;
import io.turboprop.data.EntityId;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.workflow.Graph.FailurePolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Plans made by hand, for tests. */
public final class TestingPlans {
  public static final String OUTPUT = "o";

  private TestingPlans() {}

  /** Nodes that run one after another. */
  public static Plan chain(String... ids) {
    var edges = new LinkedHashMap<String, List<String>>();
    var nodes = new ArrayList<PlanNode>();
    for (int i = 0; i < ids.length; i++) {
      nodes.add(task(ids[i], NodePolicy.DEFAULT));
      if (i > 0) {
        edges.put(ids[i - 1], List.of(ids[i]));
      }
    }
    return plan(nodes, edges, FailurePolicy.FAIL_IMMEDIATELY);
  }

  /** A plan of these nodes; start and end nodes and the edges to and from them are added. */
  public static Plan plan(
      List<PlanNode> nodes, Map<String, List<String>> edges, FailurePolicy policy) {
    return new Plan("digest", entity("w"), graph(nodes, edges, policy));
  }

  public static PlanNode task(String id, NodePolicy policy) {
    return node(id, taskKind(id), policy);
  }

  public static PlanNode task(String id) {
    return task(id, NodePolicy.DEFAULT);
  }

  static NodeKind taskKind(String id) {
    return new NodeKind.Task(
        new EntityId(EntityId.Kind.TASK, "p", "d", id, "v"), TaskOverrides.NONE);
  }

  public static PlanNode subWorkflow(String id, Graph graph) {
    return node(id, new NodeKind.SubWorkflow(entity(id), graph), NodePolicy.DEFAULT);
  }

  static PlanNode node(String id, NodeKind kind, NodePolicy policy) {
    return new PlanNode(id, id, kind, List.of(), policy);
  }

  /** A node that reads the outputs of these others too. */
  static PlanNode reading(PlanNode node, List<String> sources) {
    var bindings = new ArrayList<>(node.bindings());
    sources.forEach(source -> bindings.add(promise(source, source)));
    return new PlanNode(node.id(), node.name(), node.kind(), bindings, node.policy());
  }

  /** A graph whose outputs are those of all its nodes. */
  public static Graph graph(
      List<PlanNode> nodes, Map<String, List<String>> edges, FailurePolicy policy) {
    var outputs = nodes.stream().map(node -> promise(node.id(), node.id())).toList();
    return graph(nodes, edges, policy, outputs, Optional.empty());
  }

  /** A graph of these nodes; start and end nodes and the edges to and from them are added. */
  static Graph graph(
      List<PlanNode> nodes,
      Map<String, List<String>> edges,
      FailurePolicy policy,
      List<Binding> outputs,
      Optional<PlanNode> failureNode) {
    var all = new ArrayList<PlanNode>();
    all.add(node(PlanNode.START, new NodeKind.Start(), NodePolicy.DEFAULT));
    all.add(
        new PlanNode(PlanNode.END, "", new NodeKind.End(), outputs, NodePolicy.DEFAULT));
    all.addAll(nodes);
    var complete = new LinkedHashMap<String, List<String>>(edges);
    var targets = new TreeSet<String>();
    edges.values().forEach(targets::addAll);
    complete.put(
        PlanNode.START,
        nodes.isEmpty()
            ? List.of(PlanNode.END)
            : nodes.stream().map(PlanNode::id).filter(id -> !targets.contains(id)).toList());
    nodes.stream()
        .map(PlanNode::id)
        .filter(id -> edges.getOrDefault(id, List.of()).isEmpty())
        .forEach(id -> complete.put(id, List.of(PlanNode.END)));
    return PlannedGraph.of(all, complete, policy, failureNode);
  }

  /** The outputs of a graph that are those of a task, whatever its nodes make. */
  static List<Binding> one() {
    return List.of(
        new Binding(
            OUTPUT,
            BindingData.newBuilder()
                .setScalar(Scalar.newBuilder().setPrimitive(integer(1)))
                .build()));
  }

  /** What every task of these plans makes. */
  public static Values output() {
    var one = Literal.newBuilder().setScalar(Scalar.newBuilder().setPrimitive(integer(1)));
    return new Values.Inline(Literals.of(Map.of(OUTPUT, one.build())));
  }

  private static Primitive integer(long value) {
    return Primitive.newBuilder().setInteger(value).build();
  }

  private static Binding promise(String variable, String node) {
    return new Binding(
        variable,
        BindingData.newBuilder()
            .setPromise(OutputReference.newBuilder().setNodeId(node).setVar(OUTPUT))
            .build());
  }

  static EntityId entity(String name) {
    return new EntityId(EntityId.Kind.WORKFLOW, "p", "d", name, "v");
  }
}
