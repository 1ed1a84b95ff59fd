package io.turboprop.execution;

import flyteidl.core.Literals.LiteralMap;
import io.turboprop.data.BindingException;
import io.turboprop.data.Bindings;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataReference;
import io.turboprop.data.Literals;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.PlanNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inputs of a node as clients see them. Inputs are not stored: they are derived from the plan
 * and the outputs of other nodes, as when the node ran.
 */
public final class NodeInputs {
  private static final Logger LOG = LoggerFactory.getLogger(NodeInputs.class);

  private final NodeExecutionTables nodes;
  private final ExecutionPlans plans;
  private final BlobStorage storage;
  private final ValuesReader values;

  public NodeInputs(NodeExecutionTables nodes, ExecutionPlans plans, BlobStorage storage) {
    this.nodes = nodes;
    this.plans = plans;
    this.storage = storage;
    this.values = new ValuesReader(storage);
  }

  /** The file of the inputs, {@code inputs.pb}, which exists if a plugin needed it. */
  public DataReference file(ExecutionRow execution, NodeExecutionRow node) {
    return storage.layout().node(execution.accepted().id(), node.path(), node.attempt()).inputs();
  }

  /** The inputs; inputs that can't be resolved are shown as empty. */
  public LiteralMap read(ExecutionRow execution, NodeExecutionRow node) {
    return plans
        .node(execution, node.path())
        .map(plan -> resolve(execution, node, plan))
        .orElseGet(LiteralMap::getDefaultInstance);
  }

  private LiteralMap resolve(ExecutionRow execution, NodeExecutionRow node, PlanNode plan) {
    if (plan.bindings().isEmpty()) {
      return LiteralMap.getDefaultInstance();
    }
    var written = written(execution, node, plan);
    if (written.isPresent()) {
      return written.orElseThrow();
    }
    try {
      return Bindings.resolve(plan.bindings(), sources(execution, node, plan), storage.literals())
          .map();
    } catch (BindingException | IOException e) {
      LOG.debug("the inputs of {} are shown as empty: {}", node.nodeId(), e.toString());
      return LiteralMap.getDefaultInstance();
    }
  }

  /**
   * The inputs of a failure node, whose error comes from no binding. The node's worker writes these
   * inputs to their file; for a graph, they are the outputs of its start node.
   */
  private Optional<LiteralMap> written(
      ExecutionRow execution, NodeExecutionRow node, PlanNode plan) {
    if (plan.bindings().stream()
        .noneMatch(input -> input.variable().equals(Literals.ERROR_INPUT))) {
      return Optional.empty();
    }
    var start = Naming.uniqueNodeId(node.path().child(node.attempt(), PlanNode.START));
    return nodes.nodes(execution.accepted().number(), Set.of(start)).stream()
        .findFirst()
        .map(row -> values.read(row.outputs()))
        .or(() -> inputsFile(file(execution, node)));
  }

  private Optional<LiteralMap> inputsFile(DataReference file) {
    try {
      return storage.store().size(file).isPresent()
          ? values.find(new Values.Stored(file))
          : Optional.empty();
    } catch (IOException e) {
      LOG.warn("{} can't be looked for: {}", file, e.toString());
      return Optional.empty();
    }
  }

  /** The outputs that the bindings refer to, by the node ids that they use, read together. */
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

  /** The node whose siblings this node's bindings refer to: for the arm of a branch, the branch. */
  private NodePath scope(ExecutionRow execution, NodePath path) {
    return path.parent()
        .filter(parent ->
            plans
                .node(execution, parent)
                .filter(node -> node.kind() instanceof NodeKind.Branch)
                .isPresent())
        .map(branch -> scope(execution, branch))
        .orElse(path);
  }

  /** The outputs of a node; the outputs of the start node are the execution's inputs. */
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
