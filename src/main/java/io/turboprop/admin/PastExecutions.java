package io.turboprop.admin;

import com.google.protobuf.ByteString;
import flyteidl.core.Execution.NodeExecution.Phase;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import io.turboprop.compiler.CompiledPlans;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Layout;
import io.turboprop.data.Literals;
import io.turboprop.event.PlanNodes;
import io.turboprop.node.NodeContent;
import io.turboprop.node.PastNodes;
import io.turboprop.store.Database;
import io.turboprop.store.ExecutionTables;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import java.util.Optional;

/** The nodes of earlier executions as their rows and plans have them. */
public final class PastExecutions implements PastNodes {
  private final NodeReads nodes;
  private final NodeInputs inputs;
  private final StoredValues values;

  private PastExecutions(NodeReads nodes, NodeInputs inputs, StoredValues values) {
    this.nodes = nodes;
    this.inputs = inputs;
    this.values = values;
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
    var tables = new NodeExecutionTables(database);
    var inputs = new NodeInputs(tables, plans, planNodes, values, store, layout, valuesBytesMax);
    var executions = new ExecutionReads(new ExecutionTables(database), values);
    return new PastExecutions(
        new NodeReads(
            executions, tables, inputs, values, new DynamicNodes(planNodes, plans, layout)),
        inputs,
        values);
  }

  @Override
  public Optional<PastNode> find(ExecutionId execution, String nodeId) {
    return nodes
        .known(
            NodeExecutionIdentifier.newBuilder()
                .setExecutionId(ExecutionMessages.id(execution))
                .setNodeId(nodeId)
                .build())
        .map(this::past);
  }

  private PastNode past(NodeReads.Found found) {
    var node = found.node();
    var succeeded = succeeded(node);
    return new PastNode(
        succeeded,
        succeeded ? content(found) : ByteString.EMPTY,
        succeeded ? new Literals(inputs.read(found.execution(), node)) : Literals.EMPTY,
        succeeded
            ? new Literals(values.read(NodeInputs.outputs(found.execution(), node)))
            : Literals.EMPTY,
        node.cache(),
        Optional.ofNullable(node.deckUri()),
        node.attempt(),
        Optional.empty());
  }

  private static boolean succeeded(NodeExecutionRow node) {
    return node.phase() == Phase.SUCCEEDED_VALUE || node.phase() == Phase.RECOVERED_VALUE;
  }

  private ByteString content(NodeReads.Found found) {
    var tasks = inputs.tasks(found.execution(), found.node().path());
    return inputs
        .plan(found.execution(), found.node().path())
        .map(plan -> NodeContent.of(plan, tasks))
        .orElse(ByteString.EMPTY);
  }
}
