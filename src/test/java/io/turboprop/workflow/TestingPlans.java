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
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;

/** Plans made by hand or by chance, for tests. */
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
    return new PlanNode(
        id,
        id,
        new NodeKind.Task(new EntityId(EntityId.Kind.TASK, "p", "d", id, "v"), TaskOverrides.NONE),
        List.of(),
        policy);
  }

  public static PlanNode subWorkflow(String id, Graph graph) {
    return new PlanNode(
        id, id, new NodeKind.SubWorkflow(entity(id), graph), List.of(), NodePolicy.DEFAULT);
  }

  public static Graph graph(
      List<PlanNode> nodes, Map<String, List<String>> edges, FailurePolicy policy) {
    var all = new ArrayList<PlanNode>();
    all.add(new PlanNode(PlanNode.START, "", new NodeKind.Start(), List.of(), NodePolicy.DEFAULT));
    all.add(
        new PlanNode(
            PlanNode.END,
            "",
            new NodeKind.End(),
            nodes.stream().map(node -> promise(node.id(), node.id())).toList(),
            NodePolicy.DEFAULT));
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
    return Graph.of(all, complete, policy);
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

  private static EntityId entity(String name) {
    return new EntityId(EntityId.Kind.WORKFLOW, "p", "d", name, "v");
  }

  /** A random plan, graphs nested up to a depth. */
  public static Plan random(Random random, int sizeMax, int depth) {
    var policy =
        random.nextBoolean()
            ? FailurePolicy.FAIL_IMMEDIATELY
            : FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE;
    return new Plan("digest", entity("w"), randomGraph(random, sizeMax, depth, policy));
  }

  private static Graph randomGraph(Random random, int sizeMax, int depth, FailurePolicy policy) {
    var size = random.nextInt(sizeMax + 1);
    var nodes = new ArrayList<PlanNode>();
    var edges = new LinkedHashMap<String, List<String>>();
    for (int i = 0; i < size; i++) {
      var id = "n" + i;
      nodes.add(
          depth > 0 && random.nextInt(5) == 0
              ? nested(random, id, sizeMax, depth, policy)
              : task(id, randomPolicy(random)));
      for (int upstream = 0; upstream < i; upstream++) {
        if (random.nextInt(i + 1) == 0) {
          edges.computeIfAbsent("n" + upstream, _ -> new ArrayList<>()).add(id);
        }
      }
    }
    return graph(nodes, edges, policy);
  }

  private static PlanNode nested(
      Random random, String id, int sizeMax, int depth, FailurePolicy policy) {
    return subWorkflow(id, nestedGraph(random, sizeMax, depth, policy));
  }

  /** A nested graph that always has an output, so that its node has the output of a task. */
  private static Graph nestedGraph(Random random, int sizeMax, int depth, FailurePolicy policy) {
    var inner = randomGraph(random, Math.max(1, sizeMax / 2), depth - 1, policy);
    var nodes = new ArrayList<PlanNode>();
    var edges = new LinkedHashMap<String, List<String>>();
    for (int number = 0; number < inner.size(); number++) {
      var node = inner.node(number);
      var targets = new ArrayList<String>();
      for (int i = 0; i < inner.downstreamCount(number); i++) {
        targets.add(inner.node(inner.downstream(number, i)).id());
      }
      edges.put(node.id(), targets);
      nodes.add(
          node.id().equals(PlanNode.END)
              ? new PlanNode(PlanNode.END, "", node.kind(), List.of(constant()), NodePolicy.DEFAULT)
              : node);
    }
    return Graph.of(nodes, edges, policy);
  }

  private static Binding constant() {
    return new Binding(
        OUTPUT,
        BindingData.newBuilder().setScalar(Scalar.newBuilder().setPrimitive(integer(1))).build());
  }

  private static NodePolicy randomPolicy(Random random) {
    return new NodePolicy(
        random.nextInt(4),
        random.nextInt(4) == 0
            ? Optional.of(Duration.ofMillis(50 + random.nextInt(200)))
            : Optional.empty(),
        random.nextInt(6) == 0
            ? Optional.of(Duration.ofMillis(200 + random.nextInt(400)))
            : Optional.empty(),
        Optional.empty());
  }
}
