package io.turboprop.admin.executions;

import flyteidl.core.Literals.LiteralMap;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.BindingException;
import io.turboprop.data.Bindings;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.EntityId;
import io.turboprop.data.Layout;
import io.turboprop.data.LiteralLoader;
import io.turboprop.data.Literals;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.event.PlanNodes;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.PlanNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inputs of a node as clients see them. They are not stored: they follow from the plan and the
 * outputs of other nodes, as they did when the node was run.
 */
public final class ResolvedInputs {
  private static final Logger LOG = LoggerFactory.getLogger(ResolvedInputs.class);

  private final NodeExecutionTables nodes;
  private final CompiledPlans plans;
  private final PlanNodes planNodes;
  private final StoredValues values;
  private final DataStore store;
  private final Layout layout;
  private final long sizeBytesMax;

  public ResolvedInputs(
      NodeExecutionTables nodes,
      CompiledPlans plans,
      PlanNodes planNodes,
      StoredValues values,
      DataStore store,
      Layout layout,
      long sizeBytesMax) {
    this.nodes = nodes;
    this.plans = plans;
    this.planNodes = planNodes;
    this.values = values;
    this.store = store;
    this.layout = layout;
    this.sizeBytesMax = sizeBytesMax;
  }

  /** What the node is, by its plan; empty when there is no such node. */
  public Optional<PlanNode> plan(ExecutionRow execution, NodePath path) {
    return planNodes.find(
        execution.accepted().number(), plans.get(execution.accepted().planDigest()).plan(), path);
  }

  /** The templates of the tasks of the plan that a node is part of. */
  public Function<EntityId, TaskTemplate> tasks(ExecutionRow execution, NodePath path) {
    var accepted = execution.accepted();
    var plan = plans.get(accepted.planDigest()).plan();
    return plans.get(planNodes.digestAround(accepted.number(), plan, path)).tasks()::get;
  }

  /** Where the inputs lie if a plugin wanted them in a file: {@code inputs.pb}. */
  DataReference file(ExecutionRow execution, NodeExecutionRow node) {
    return layout.node(execution.accepted().id(), node.path(), node.attempt()).inputs();
  }

  /** The inputs; what can't be made is shown as empty. */
  public LiteralMap read(ExecutionRow execution, NodeExecutionRow node) {
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

  /** What the bindings refer to, by the ids that they use; read at once. */
  private Map<String, Literals> sources(
      ExecutionRow execution, NodeExecutionRow node, PlanNode plan) {
    var scope = scope(execution, node.path());
    var ids = new HashMap<String, String>();
    for (var binding : plan.bindings()) {
      for (var source : binding.sources()) {
        ids.put(Naming.uniqueNodeId(sibling(scope, source)), source);
      }
    }
    var sources = new HashMap<String, Literals>();
    for (var row : nodes.nodes(execution.accepted().number(), ids.keySet())) {
      sources.put(row.path().nodeId(), new Literals(values.read(outputs(execution, row))));
    }
    return sources;
  }

  /**
   * A node whose siblings the bindings of this one refer to: for the arm of a branch, the branch.
   */
  private NodePath scope(ExecutionRow execution, NodePath path) {
    return path.parent()
        .filter(parent ->
            plan(execution, parent)
                .filter(node -> node.kind() instanceof NodeKind.Branch)
                .isPresent())
        .map(branch -> scope(execution, branch))
        .orElse(path);
  }

  /** The outputs of a node; those of the start node are the execution's inputs. */
  public static @Nullable Values outputs(ExecutionRow execution, NodeExecutionRow node) {
    return node.path().isRoot() && node.path().nodeId().equals(PlanNode.START)
        ? execution.accepted().inputs()
        : node.outputs();
  }

  private static NodePath sibling(NodePath path, String id) {
    return path.parent()
        .map(parent -> parent.child(path.parentAttempt(), id))
        .orElseGet(() -> NodePath.root(id));
  }
}
