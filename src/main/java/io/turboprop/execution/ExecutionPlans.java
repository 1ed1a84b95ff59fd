package io.turboprop.execution;

import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.compiler.CompiledPlans.CompiledPlan;
import io.turboprop.data.EntityId;
import io.turboprop.data.NodePath;
import io.turboprop.event.PlanNodes;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.workflow.plan.PlanNode;
import java.util.Optional;
import java.util.function.Function;

/**
 * The plans of stored executions and of their dynamic nodes. Every method may block if a plan is
 * not in memory.
 */
public final class ExecutionPlans {
  private final CompiledPlans compiled;
  private final PlanNodes nodes;

  public ExecutionPlans(CompiledPlans compiled, PlanNodes nodes) {
    this.compiled = compiled;
    this.nodes = nodes;
  }

  /** The compiled plan with this digest, which must be stored. */
  public CompiledPlan get(String digest) {
    return compiled.get(digest);
  }

  /** All plans, by their digests. */
  public CompiledPlans compiled() {
    return compiled;
  }

  /** The nodes of all plans, by their paths. */
  public PlanNodes nodes() {
    return nodes;
  }

  /** The node of an execution at this path; empty when its plan has no such node. */
  public Optional<PlanNode> node(ExecutionRow execution, NodePath path) {
    var accepted = execution.accepted();
    return nodes.find(accepted.number(), get(accepted.planDigest()).plan(), path);
  }

  /** The templates of the tasks of the plan that a node is part of. */
  public Function<EntityId, TaskTemplate> tasks(ExecutionRow execution, NodePath path) {
    var accepted = execution.accepted();
    var plan = get(accepted.planDigest()).plan();
    return get(nodes.digestAround(accepted.number(), plan, path)).tasks()::get;
  }

  /** The workflow that a dynamic node's current attempt has made; empty for all other nodes. */
  public Optional<CompiledWorkflowClosure> dynamic(ExecutionRow execution, NodeExecutionRow node) {
    return nodes
        .digest(execution.accepted().number(), node.path(), node.attempt())
        .map(compiled::closure);
  }
}
