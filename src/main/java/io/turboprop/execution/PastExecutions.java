package io.turboprop.execution;

import com.google.protobuf.ByteString;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Execution.NodeExecution.Phase;
import io.turboprop.admin.definitions.StoredMessages;
import io.turboprop.admin.executions.LastAttempts;
import io.turboprop.admin.executions.ResolvedInputs;
import io.turboprop.admin.executions.StoredValues;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Layout;
import io.turboprop.data.Literals;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.event.Journal;
import io.turboprop.event.PlanNodes;
import io.turboprop.journal.JournalTables;
import io.turboprop.node.NodeContent;
import io.turboprop.node.PastNodes;
import io.turboprop.store.Database;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.workflow.plan.NodeKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/** The nodes of earlier executions as their rows, their plans and their journals have them. */
public final class PastExecutions implements PastNodes {
  private final ExecutionTables executions;
  private final LastAttempts lastAttempts;
  private final PlanNodes planNodes;
  private final ResolvedInputs inputs;
  private final StoredValues values;
  private final PastElements elements;
  private final DataStore store;
  private final Layout layout;

  private PastExecutions(
      ExecutionTables executions,
      LastAttempts lastAttempts,
      PlanNodes planNodes,
      ResolvedInputs inputs,
      StoredValues values,
      PastElements elements,
      DataStore store,
      Layout layout) {
    this.executions = executions;
    this.lastAttempts = lastAttempts;
    this.planNodes = planNodes;
    this.inputs = inputs;
    this.values = values;
    this.elements = elements;
    this.store = store;
    this.layout = layout;
  }

  /**
   * @param valuesBytesMax the largest inputs, or outputs, that are read whole
   */
  public static PastExecutions over(
      Database database,
      CompiledPlans plans,
      PlanNodes planNodes,
      DataStore store,
      Layout layout,
      long valuesBytesMax) {
    var values = new StoredValues(store, valuesBytesMax);
    var nodes = new NodeExecutionTables(database);
    return new PastExecutions(
        new ExecutionTables(database),
        new LastAttempts(nodes),
        planNodes,
        new ResolvedInputs(nodes, plans, planNodes, values, store, layout, valuesBytesMax),
        values,
        new PastElements(Journal.of(new JournalTables(database)), values),
        store,
        layout);
  }

  @Override
  public Optional<PastNode> find(ExecutionId id, NodePath node) {
    return executions
        .find(id)
        .flatMap(execution -> find(execution, lastAttempts.path(execution, node)));
  }

  private Optional<PastNode> find(ExecutionRow execution, NodePath path) {
    return isTaskOfArray(execution, path)
        ? elements.find(execution.accepted().id(), path)
        : lastAttempts.row(execution, path).map(row -> past(execution, row));
  }

  private boolean isTaskOfArray(ExecutionRow execution, NodePath path) {
    return path.parent()
        .flatMap(parent -> inputs.plan(execution, parent))
        .filter(node ->
            node.kind() instanceof NodeKind.Array array
                && array.element().kind() instanceof NodeKind.Task)
        .isPresent();
  }

  private PastNode past(ExecutionRow execution, NodeExecutionRow node) {
    var kind = inputs.plan(execution, node.path()).map(plan -> plan.kind());
    var task = kind.filter(NodeKind.Task.class::isInstance).isPresent();
    return new PastNode(
        result(execution, node),
        task ? graph(execution, node) : Optional.empty(),
        kind.filter(NodeKind.LaunchPlan.class::isInstance).flatMap(_ -> child(execution, node)),
        task ? checkpoints(execution, node) : Optional.empty());
  }

  private Optional<Result> result(ExecutionRow execution, NodeExecutionRow node) {
    if (node.phase() != Phase.SUCCEEDED_VALUE && node.phase() != Phase.RECOVERED_VALUE) {
      return Optional.empty();
    }
    return values
        .find(ResolvedInputs.outputs(execution, node))
        .map(outputs ->
            new Result(
                content(execution, node),
                new Literals(inputs.read(execution, node)),
                new Literals(outputs),
                node.cache(),
                Optional.ofNullable(node.deckUri())));
  }

  private Optional<DataReference> graph(ExecutionRow execution, NodeExecutionRow node) {
    return planNodes
        .digest(execution.accepted().number(), node.path(), node.attempt())
        .map(_ -> layout.node(execution.accepted().id(), node.path(), node.attempt()).futures());
  }

  private Optional<ExecutionId> child(ExecutionRow execution, NodeExecutionRow node) {
    var parent = execution.accepted().id();
    var name = Naming.childExecutionName(parent.name(), node.nodeId(), node.attempt());
    return executions
        .find(new ExecutionId(parent.project(), parent.domain(), name))
        .map(child -> child.accepted().id());
  }

  /** The checkpoints of the latest attempt that wrote some. */
  private Optional<DataReference> checkpoints(ExecutionRow execution, NodeExecutionRow node) {
    var prefix =
        StoredMessages.parse(ExecutionSpec.parser(), execution.accepted().spec())
            .getRawOutputDataConfig()
            .getOutputLocationPrefix();
    var own = prefix.isEmpty() ? layout : layout.withRawOutputs(new DataReference(prefix));
    var id = execution.accepted().id();
    try {
      for (int attempt = node.attempt(); attempt >= 0; attempt--) {
        var checkpoints = own.checkpoints(Naming.generatedName(id.name(), node.nodeId(), attempt));
        if (!store.list(checkpoints).isEmpty()) {
          return Optional.of(checkpoints);
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ByteString content(ExecutionRow execution, NodeExecutionRow node) {
    var tasks = inputs.tasks(execution, node.path());
    return inputs
        .plan(execution, node.path())
        .map(plan -> NodeContent.of(plan, tasks))
        .orElse(ByteString.EMPTY);
  }
}
