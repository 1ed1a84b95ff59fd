package io.turboprop.workflow.plan;

import flyteidl.core.Condition.BooleanExpression;
import flyteidl.core.Condition.ComparisonExpression;
import flyteidl.core.Condition.Operand;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import flyteidl.core.Types.OutputReference;
import io.turboprop.data.Binding;
import io.turboprop.data.Condition;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/** Plans made by hand, for tests. */
public final class TestingPlans {
  public static final String OUTPUT = "o";

  /** What the branches fail of when they have no arm to take. */
  public static final ExecutionError NO_ARM =
      ExecutionError.user("MalformedBranchUserError", "no branch satisfied");

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

  /** A plan of a graph; {@code digest} is its digest. */
  public static Plan plan(Graph graph) {
    return plan("digest", graph);
  }

  public static Plan plan(String digest, Graph graph) {
    return new Plan(digest, entity("w"), graph);
  }

  /** A graph of nodes that wait for those they read; its output is that of a task. */
  public static Graph flow(PlanNode... nodes) {
    return flow(FailurePolicy.FAIL_IMMEDIATELY, Optional.empty(), nodes);
  }

  public static Graph flow(
      FailurePolicy policy, Optional<PlanNode> failureNode, PlanNode... nodes) {
    var edges = new LinkedHashMap<String, List<String>>();
    for (var node : nodes) {
      for (var source : node.sources()) {
        edges.computeIfAbsent(source, _ -> new ArrayList<>()).add(node.id());
      }
    }
    return graph(List.of(nodes), edges, policy, one(), failureNode);
  }

  public static PlanNode task(String id, NodePolicy policy) {
    return node(id, taskKind(id), policy);
  }

  public static PlanNode task(String id) {
    return task(id, NodePolicy.DEFAULT);
  }

  public static NodeKind taskKind(String id) {
    return new NodeKind.Task(
        new EntityId(EntityId.Kind.TASK, "p", "d", id, "v"), TaskOverrides.NONE);
  }

  public static PlanNode subWorkflow(String id, Graph graph) {
    return node(id, new NodeKind.SubWorkflow(entity(id), graph), NodePolicy.DEFAULT);
  }

  /** A branch whose cases ask whether an input is 1, one for each arm but the {@code otherwise}. */
  public static PlanNode branch(
      String id, List<String> inputs, Optional<String> otherwise, PlanNode... arms) {
    var cases = new ArrayList<NodeKind.Branch.Case>();
    for (var arm : arms) {
      if (otherwise.filter(arm.id()::equals).isEmpty()) {
        var input = inputs.get(Math.min(cases.size(), inputs.size() - 1));
        cases.add(new NodeKind.Branch.Case(isOne(input), arm.id()));
      }
    }
    return node(
        id,
        new NodeKind.Branch(
            cases,
            otherwise,
            NO_ARM,
            Graph.of(List.of(arms), Map.of(), FailurePolicy.FAIL_IMMEDIATELY)),
        NodePolicy.DEFAULT);
  }

  private static Condition isOne(String input) {
    return new Condition(
        BooleanExpression.newBuilder()
            .setComparison(
                ComparisonExpression.newBuilder()
                    .setLeftValue(Operand.newBuilder().setVar(input))
                    .setRightValue(Operand.newBuilder().setPrimitive(integer(1))))
            .build());
  }

  /** An array of tasks all of which have to succeed. */
  public static PlanNode array(String id, int parallelismMax) {
    return node(id, array(parallelismMax, OptionalInt.empty(), 1), NodePolicy.DEFAULT);
  }

  public static NodeKind.Array array(int parallelismMax, OptionalInt successesMin, double ratio) {
    return array(task("element"), parallelismMax, successesMin, ratio);
  }

  public static NodeKind.Array array(
      PlanNode element, int parallelismMax, OptionalInt successesMin, double ratio) {
    return new NodeKind.Array(
        element,
        OptionalInt.of(parallelismMax),
        successesMin,
        ratio,
        Set.of(),
        NodeKind.Array.Encoding.ARRAY_NODE);
  }

  public static PlanNode node(String id, NodeKind kind, NodePolicy policy) {
    return new PlanNode(id, id, kind, List.of(), policy);
  }

  /** A node that reads the outputs of these others too. */
  public static PlanNode reading(PlanNode node, List<String> sources) {
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
  public static Graph graph(
      List<PlanNode> nodes,
      Map<String, List<String>> edges,
      FailurePolicy policy,
      List<Binding> outputs,
      Optional<PlanNode> failureNode) {
    var all = new ArrayList<PlanNode>();
    all.add(node(PlanNode.START, new NodeKind.Start(), NodePolicy.DEFAULT));
    all.add(new PlanNode(PlanNode.END, "", new NodeKind.End(), outputs, NodePolicy.DEFAULT));
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
  public static List<Binding> one() {
    return List.of(
        new Binding(
            OUTPUT,
            BindingData.newBuilder()
                .setScalar(Scalar.newBuilder().setPrimitive(integer(1)))
                .build()));
  }

  /** What every task of these plans makes. */
  public static Values output() {
    return values(Map.of(OUTPUT, 1));
  }

  public static Values values(Map<String, Integer> integers) {
    var literals = new LinkedHashMap<String, Literal>();
    integers.forEach((name, value) ->
        literals.put(
            name,
            Literal.newBuilder()
                .setScalar(Scalar.newBuilder().setPrimitive(integer(value)))
                .build()));
    return new Values.Inline(Literals.of(literals));
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

  public static EntityId entity(String name) {
    return new EntityId(EntityId.Kind.WORKFLOW, "p", "d", name, "v");
  }
}
