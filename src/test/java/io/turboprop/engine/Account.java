package io.turboprop.engine;

import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetDataRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecution;
import flyteidl.admin.TaskExecutionOuterClass.TaskExecutionListRequest;
import flyteidl.core.Execution.NodeExecution.Phase;
import flyteidl.core.Execution.WorkflowExecution;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.Literals.LiteralMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What clients are shown of an execution that has ended, without what differs from run to run:
 * moments, places, its name.
 *
 * @param nodes all nodes, at whatever depth, by unique id; those of executions that it has started
 *     behind the node's id and a colon
 */
record Account(
    WorkflowExecution.Phase phase, String errorCode, LiteralMap outputs, Map<String, Seen> nodes) {
  private static final int LIST_LIMIT = 1_000;

  /**
   * One node.
   *
   * @param attempts the task executions
   */
  record Seen(Phase phase, String retryGroup, LiteralMap outputs, List<Attempt> attempts) {}

  /**
   * @param elements those of an array, each as its index, its attempt and its phase
   */
  record Attempt(String task, int number, String phase, List<String> elements) {}

  static Account of(EngineClient client, String name) {
    var nodes = new TreeMap<String, Seen>();
    collect(client, name, "", "", nodes);
    var closure = client.get(name).getClosure();
    return new Account(
        closure.getPhase(), closure.getError().getCode(), client.outputs(name), nodes);
  }

  private static void collect(
      EngineClient client, String execution, String prefix, String parent, Map<String, Seen> into) {
    for (var node : nodes(client, execution, parent)) {
      var id = node.getId().getNodeId();
      into.put(prefix + id, seen(client, node));
      collect(client, execution, prefix, id, into);
      if (node.getClosure().hasWorkflowNodeMetadata()) {
        var child = node.getClosure().getWorkflowNodeMetadata().getExecutionId().getName();
        collect(client, child, prefix + id + ":", "", into);
      }
    }
  }

  /** The nodes right inside a node, or at the top if that is empty. */
  static List<NodeExecution> nodes(EngineClient client, String execution, String parent) {
    return client
        .admin()
        .listNodeExecutions(
            NodeExecutionListRequest.newBuilder()
                .setWorkflowExecutionId(EngineClient.id(execution))
                .setUniqueParentId(parent)
                .setLimit(LIST_LIMIT)
                .build())
        .getNodeExecutionsList();
  }

  private static Seen seen(EngineClient client, NodeExecution node) {
    return new Seen(
        node.getClosure().getPhase(),
        node.getMetadata().getRetryGroup(),
        outputs(client, node.getId()),
        attempts(client, node.getId()).stream().map(Account::attempt).toList());
  }

  private static LiteralMap outputs(EngineClient client, NodeExecutionIdentifier node) {
    return client
        .admin()
        .getNodeExecutionData(NodeExecutionGetDataRequest.newBuilder().setId(node).build())
        .getFullOutputs();
  }

  /** The task executions of a node. */
  static List<TaskExecution> attempts(EngineClient client, NodeExecutionIdentifier node) {
    return client
        .admin()
        .listTaskExecutions(
            TaskExecutionListRequest.newBuilder()
                .setNodeExecutionId(node)
                .setLimit(LIST_LIMIT)
                .build())
        .getTaskExecutionsList();
  }

  private static Attempt attempt(TaskExecution task) {
    return new Attempt(
        task.getId().getTaskId().getName(),
        task.getId().getRetryAttempt(),
        task.getClosure().getPhase().name(),
        task.getClosure().getMetadata().getExternalResourcesList().stream()
            .map(element ->
                "%d %d %s"
                    .formatted(element.getIndex(), element.getRetryAttempt(), element.getPhase()))
            .toList());
  }
}
