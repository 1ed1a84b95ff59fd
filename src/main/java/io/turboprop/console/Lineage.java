package io.turboprop.console;

import com.fasterxml.jackson.core.JsonGenerator;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Types.OutputReference;
import io.turboprop.data.Binding;
import io.turboprop.data.NodePath;
import io.turboprop.event.PlanNodes;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.store.ExecutionRow;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The ways of values between nodes: which outputs a node's inputs are made of, and which inputs its
 * outputs go to. A value from the inputs of the graph comes from the node around it, or from the
 * execution's own inputs.
 */
final class Lineage {
  private final ExecutionPlans plans;

  Lineage(ExecutionPlans plans) {
    this.plans = plans;
  }

  /**
   * One way.
   *
   * @param input the variable at the end of the way
   * @param path the node at the other side; empty for the inputs or outputs of the execution
   * @param output the variable at the beginning of the way
   */
  private record Way(String input, String path, String output) {}

  /** The ways into and out of a node; blocks if a plan is not in memory. */
  JsonAnswer.Content of(ExecutionRow row, NodePath path) {
    var plan = plans.get(row.accepted().planDigest()).plan();
    return of(new Places(plans.nodes(), row.accepted().number(), plan), path);
  }

  static JsonAnswer.Content of(Places found, NodePath path) {
    var scope = found.scope(path);
    var sources = found.node(path).map(node -> sources(node, scope)).orElseGet(List::of);
    var consumers = found.graph(path).map(graph -> consumers(graph, path)).orElseGet(List::of);
    return json -> {
      json.writeStartObject();
      write(json, "from", sources);
      write(json, "to", consumers);
      json.writeEndObject();
    };
  }

  /** The nodes of an execution and their graphs. */
  record Places(PlanNodes nodes, long execution, Plan plan) {
    Optional<PlanNode> node(NodePath path) {
      return nodes.find(execution, plan, path);
    }

    Optional<Graph> graph(NodePath path) {
      return nodes.graph(execution, plan, path);
    }

    /** A node of the graph that a node's bindings refer to: arms read what is around the branch. */
    NodePath scope(NodePath path) {
      var scope = path;
      while (scope.parent().flatMap(this::node).filter(Places::isBranch).isPresent()) {
        scope = scope.parent().orElseThrow();
      }
      return scope;
    }

    private static boolean isBranch(PlanNode node) {
      return node.kind() instanceof NodeKind.Branch;
    }
  }

  private static List<Way> sources(PlanNode node, NodePath scope) {
    var ways = new ArrayList<Way>();
    for (var binding : node.bindings()) {
      addPromises(
          binding.data(),
          promise -> {
            var isInput =
                promise.getNodeId().isEmpty() || promise.getNodeId().equals(Binding.START_NODE);
            var source =
                isInput
                    ? scope.parent().map(NodePath::text).orElse("")
                    : sibling(scope, promise.getNodeId());
            ways.add(new Way(binding.variable(), source, promise.getVar()));
          });
    }
    return ways;
  }

  private static List<Way> consumers(Graph graph, NodePath path) {
    var ways = new ArrayList<Way>();
    for (int number = 0; number < graph.size(); number++) {
      var node = graph.node(number);
      var at =
          node.kind() instanceof NodeKind.End
              ? path.parent().map(NodePath::text).orElse("")
              : sibling(path, node.id());
      addConsumed(ways, node, at, path.nodeId());
    }
    return ways;
  }

  private static void addConsumed(List<Way> ways, PlanNode node, String at, String source) {
    for (var binding : node.bindings()) {
      addPromises(
          binding.data(),
          promise -> {
            if (promise.getNodeId().equals(source)) {
              ways.add(new Way(binding.variable(), at, promise.getVar()));
            }
          });
    }
    if (node.kind() instanceof NodeKind.Branch branch) {
      for (int arm = 0; arm < branch.arms().size(); arm++) {
        addConsumed(ways, branch.arms().node(arm), at, source);
      }
    }
  }

  private static String sibling(NodePath path, String nodeId) {
    var text = path.text();
    return text.substring(0, text.length() - path.nodeId().length()) + nodeId;
  }

  @FunctionalInterface
  private interface Promises {
    void add(OutputReference promise);
  }

  private static void addPromises(BindingData data, Promises promises) {
    switch (data.getValueCase()) {
      case PROMISE -> promises.add(data.getPromise());
      case COLLECTION ->
          data.getCollection().getBindingsList().forEach(each -> addPromises(each, promises));
      case MAP ->
          data.getMap().getBindingsMap().values().forEach(each -> addPromises(each, promises));
      case SCALAR, OFFLOADED_METADATA, VALUE_NOT_SET -> {}
    }
  }

  private static void write(JsonGenerator json, String name, List<Way> ways) throws IOException {
    json.writeArrayFieldStart(name);
    for (var way : ways.stream().distinct().limit(500).toList()) {
      json.writeStartObject();
      json.writeStringField("input", way.input());
      json.writeStringField("path", way.path());
      json.writeStringField("output", way.output());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
