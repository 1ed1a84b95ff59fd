package io.turboprop.execution;

import com.google.protobuf.ByteString;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Execution.NodeExecution.Phase;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Layout;
import io.turboprop.data.Literals;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.data.StoredMessages;
import io.turboprop.event.Journal;
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

/** The nodes of earlier executions, read from rows, plans and journals. */
public final class PastExecutions implements PastNodes {
  private final ExecutionTables executions;
  private final LastAttempts lastAttempts;
  private final ExecutionPlans plans;
  private final NodeInputs inputs;
  private final ValuesReader values;
  private final PastElements elements;
  private final DataStore store;
  private final Layout layout;

  public PastExecutions(Database database, ExecutionPlans plans, BlobStorage storage) {
    var nodes = new NodeExecutionTables(database);
    this.executions = new ExecutionTables(database);
    this.lastAttempts = new LastAttempts(nodes);
    this.plans = plans;
    this.inputs = new NodeInputs(nodes, plans, storage);
    this.values = new ValuesReader(storage);
    this.elements = new PastElements(Journal.of(new JournalTables(database)), values);
    this.store = storage.store();
    this.layout = storage.layout();
  }

  @Override
  public Optional<PastNode> find(ExecutionId id, NodePath node) {
    return executions
        .find(id)
        .flatMap(execution -> find(execution, lastAttempts.path(execution, node)));
  }

  @Override
  public boolean isSourceGone(long execution) {
    return executions.isSourceGone(execution);
  }

  private Optional<PastNode> find(ExecutionRow execution, NodePath path) {
    return isTaskOfArray(execution, path)
        ? elements.find(execution.accepted().id(), path)
        : lastAttempts.row(execution, path).map(row -> past(execution, row));
  }

  private boolean isTaskOfArray(ExecutionRow execution, NodePath path) {
    return path.parent()
        .flatMap(parent -> plans.node(execution, parent))
        .filter(node ->
            node.kind() instanceof NodeKind.Array array
                && array.element().kind() instanceof NodeKind.Task)
        .isPresent();
  }

  private PastNode past(ExecutionRow execution, NodeExecutionRow node) {
    var kind = plans.node(execution, node.path()).map(plan -> plan.kind());
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
        .find(NodeInputs.outputs(execution, node))
        .map(outputs ->
            new Result(
                content(execution, node),
                new Literals(inputs.read(execution, node)),
                new Literals(outputs),
                node.cache(),
                Optional.ofNullable(node.deckUri())));
  }

  private Optional<DataReference> graph(ExecutionRow execution, NodeExecutionRow node) {
    return plans
        .dynamic(execution, node)
        .map(_ -> layout.node(execution.accepted().id(), node.path(), node.attempt()).futures());
  }

  private Optional<ExecutionId> child(ExecutionRow execution, NodeExecutionRow node) {
    var parent = execution.accepted().id();
    var name = Naming.childExecutionName(parent.name(), node.nodeId(), node.attempt());
    return executions
        .find(new ExecutionId(parent.project(), parent.domain(), name))
        .map(child -> child.accepted().id());
  }

  /** The checkpoints of the latest attempt that wrote any. */
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
    var tasks = plans.tasks(execution, node.path());
    return plans
        .node(execution, node.path())
        .map(plan -> NodeContent.of(plan, tasks))
        .orElse(ByteString.EMPTY);
  }
}
