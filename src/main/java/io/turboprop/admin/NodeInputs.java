package io.turboprop.admin;

import flyteidl.core.Literals.LiteralMap;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.BindingException;
import io.turboprop.data.Bindings;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.Layout;
import io.turboprop.data.LiteralLoader;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.data.Naming;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.workflow.Graph;
import io.turboprop.workflow.NodeKind;
import io.turboprop.workflow.PlanNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inputs of a node as clients see them. They are not stored: they follow from the plan and the
 * outputs of other nodes, as they did when the node was run.
 */
final class NodeInputs {
  private static final Logger LOG = LoggerFactory.getLogger(NodeInputs.class);

  private final NodeExecutionTables nodes;
  private final CompiledPlans plans;
  private final StoredValues values;
  private final DataStore store;
  private final Layout layout;
  private final long sizeBytesMax;

  NodeInputs(
      NodeExecutionTables nodes,
      CompiledPlans plans,
      StoredValues values,
      DataStore store,
      Layout layout,
      long sizeBytesMax) {
    this.nodes = nodes;
    this.plans = plans;
    this.values = values;
    this.store = store;
    this.layout = layout;
    this.sizeBytesMax = sizeBytesMax;
  }

  /** The node's place in the plan; empty when the plan has no such node. */
  Optional<PlanNode> plan(ExecutionRow execution, NodePath path) {
    return graph(execution, path)
        .flatMap(graph -> graph.find(path.nodeId()).map(graph::node));
  }

  private Optional<Graph> graph(ExecutionRow execution, NodePath path) {
    if (path.isRoot()) {
      return Optional.of(plans.get(execution.accepted().planDigest()).plan().root());
    }
    return plan(execution, path.parent().orElseThrow())
        .flatMap(
            parent ->
                parent.kind() instanceof NodeKind.SubWorkflow(_, var graph)
                    ? Optional.of(graph)
                    : Optional.empty());
  }

  /** Where the inputs lie if a plugin wanted them in a file: {@code inputs.pb}. */
  DataReference file(ExecutionRow execution, NodeExecutionRow node) {
    return layout.node(execution.accepted().id(), node.path(), node.attempt()).inputs();
  }

  /** The inputs; what can't be made is shown as empty. */
  LiteralMap read(ExecutionRow execution, NodeExecutionRow node) {
    var plan = plan(execution, node.path());
    if (plan.isEmpty() || plan.orElseThrow().bindings().isEmpty()) {
      return LiteralMap.getDefaultInstance();
    }
    try {
      return Bindings.resolve(
              plan.orElseThrow().bindings(),
              sources(execution, node, plan.orElseThrow()),
              LiteralLoader.from(store, sizeBytesMax))
          .map();
    } catch (BindingException | IOException e) {
      LOG.debug("the inputs of {} are shown as empty: {}", node.nodeId(), e.toString());
      return LiteralMap.getDefaultInstance();
    }
  }

  private Map<String, Literals> sources(
      ExecutionRow execution, NodeExecutionRow node, PlanNode plan) {
    var sources = new HashMap<String, Literals>();
    for (var binding : plan.bindings()) {
      for (var source : binding.sources()) {
        sources.computeIfAbsent(source, id -> outputs(execution, sibling(node.path(), id)));
      }
    }
    return sources;
  }

  private Literals outputs(ExecutionRow execution, NodePath path) {
    if (path.isRoot() && path.nodeId().equals(PlanNode.START)) {
      return new Literals(values.read(execution.accepted().inputs()));
    }
    return nodes
        .node(execution.accepted().number(), Naming.uniqueNodeId(path))
        .map(row -> new Literals(values.read(row.outputs())))
        .orElse(Literals.EMPTY);
  }

  private static NodePath sibling(NodePath path, String id) {
    return path.parent()
        .map(parent -> parent.child(path.parentAttempt(), id))
        .orElseGet(() -> NodePath.root(id));
  }
}
