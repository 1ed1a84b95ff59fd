package io.turboprop.admin.executions;

import flyteidl.admin.Common.FlyteURLs;
import flyteidl.admin.NodeExecutionOuterClass.DynamicNodeWorkflowResponse;
import flyteidl.admin.NodeExecutionOuterClass.GetDynamicNodeWorkflowRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecution;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionForTaskListRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetDataRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetDataResponse;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionList;
import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionListRequest;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.admin.definitions.Lists;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.ExecutionId;
import io.turboprop.execution.ExecutionPlans;
import io.turboprop.execution.NodeInputs;
import io.turboprop.execution.ValuesReader;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodeKind.Array.Encoding;
import java.util.Optional;

/** The read calls of {@code AdminService} for node executions. */
public final class NodeReads {
  private final ExecutionReads executions;
  private final NodeExecutionTables nodes;
  private final ExecutionPlans plans;
  private final NodeInputs inputs;
  private final ValuesReader values;
  private final DynamicNodes dynamicNodes;
  private final LaunchedNodes launchedNodes;
  private final Lists lists;

  NodeReads(
      ExecutionReads executions,
      NodeExecutionTables nodes,
      ExecutionPlans plans,
      BlobStorage storage,
      Lists lists) {
    this.lists = lists;
    this.executions = executions;
    this.nodes = nodes;
    this.plans = plans;
    this.inputs = new NodeInputs(nodes, plans, storage);
    this.values = new ValuesReader(storage);
    this.dynamicNodes = new DynamicNodes(plans, storage.layout());
    this.launchedNodes = new LaunchedNodes(executions, nodes);
  }

  /** The kind of node, which decides about the additional fields of its message. */
  private enum Looks {
    PLAIN,
    TASK,
    ARRAY,
    LAUNCH_PLAN
  }

  /** A node and its execution. */
  record Found(ExecutionRow execution, NodeExecutionRow node) {
    ExecutionId id() {
      return execution.accepted().id();
    }
  }

  /**
   * @throws AdminException {@code NOT_FOUND} for an unknown execution or node
   */
  public Found find(NodeExecutionIdentifier id) {
    var execution = executions.find(id.getExecutionId());
    return found(execution, id)
        .orElseThrow(() ->
            AdminException.notFound(
                "missing entity of type node execution with identifier %s:%s"
                    .formatted(execution.accepted().id(), id.getNodeId())));
  }

  /** The same, but empty if the execution or node does not exist. */
  public Optional<Found> known(NodeExecutionIdentifier id) {
    return executions.known(id.getExecutionId()).flatMap(execution -> found(execution, id));
  }

  private Optional<Found> found(ExecutionRow execution, NodeExecutionIdentifier id) {
    return nodes
        .node(execution.accepted().number(), Identifiers.required(id.getNodeId(), "node_id"))
        .map(node -> new Found(execution, node));
  }

  public NodeExecution getNodeExecution(NodeExecutionGetRequest request) {
    var found = find(request.getId());
    return message(found.execution(), found.node(), false);
  }

  private NodeExecution message(ExecutionRow execution, NodeExecutionRow node, boolean listed) {
    var looks =
        plans.node(execution, node.path()).map(plan -> looks(plan.kind())).orElse(Looks.PLAIN);
    var task = looks == Looks.TASK;
    var array = looks == Looks.ARRAY;
    var message =
        NodeMessages.node(
            execution.accepted().id(),
            node,
            NodeInputs.outputs(execution, node),
            task || array ? inputs.file(execution, node).uri() : "",
            task,
            array,
            listed);
    if (looks == Looks.LAUNCH_PLAN) {
      return launchedNodes.withChild(message, execution, node);
    }
    return task && node.parent() ? dynamicNodes.marked(message, execution, node) : message;
  }

  /** Clients see a map task of the first generation as an ordinary task. */
  private static Looks looks(NodeKind kind) {
    return switch (kind) {
      case NodeKind.Task _ -> Looks.TASK;
      case NodeKind.Array array ->
          array.encoding() == Encoding.CONTAINER_ARRAY ? Looks.TASK : Looks.ARRAY;
      case NodeKind.LaunchPlan _ -> Looks.LAUNCH_PLAN;
      case NodeKind.Start _,
          NodeKind.End _,
          NodeKind.SubWorkflow _,
          NodeKind.Branch _,
          NodeKind.Gate _ ->
          Looks.PLAIN;
    };
  }

  /** An unknown execution has no nodes; clients of FlyteAdmin rely on this. */
  public NodeExecutionList listNodeExecutions(NodeExecutionListRequest request) {
    var query =
        lists.query(
            request.getLimit(), request.getToken(), request.getFilters(), request.getSortBy());
    var known = executions.known(request.getWorkflowExecutionId());
    if (known.isEmpty()) {
      return NodeExecutionList.getDefaultInstance();
    }
    var execution = known.orElseThrow();
    var parent = request.getUniqueParentId();
    if (!parent.isEmpty()) {
      find(NodeMessages.id(execution.accepted().id(), parent));
    }
    var page = nodes.list(execution.accepted().number(), parent.isEmpty() ? null : parent, query);
    var answer = NodeExecutionList.newBuilder().setToken(Lists.nextToken(query, page));
    page.rows().forEach(row -> answer.addNodeExecutions(message(execution, row, true)));
    return answer.build();
  }

  /** A task has no child nodes: the nodes of a dynamic task belong to its node. */
  public NodeExecutionList listNodeExecutionsForTask(NodeExecutionForTaskListRequest request) {
    find(request.getTaskExecutionId().getNodeExecutionId());
    return NodeExecutionList.getDefaultInstance();
  }

  public NodeExecutionGetDataResponse getNodeExecutionData(NodeExecutionGetDataRequest request) {
    var found = find(request.getId());
    var answer =
        NodeExecutionGetDataResponse.newBuilder()
            .setInputs(ExecutionMessages.noBlob())
            .setOutputs(ExecutionMessages.noBlob())
            .setFullInputs(inputs.read(found.execution(), found.node()))
            .setFullOutputs(values.read(NodeInputs.outputs(found.execution(), found.node())))
            .setFlyteUrls(urls(found));
    dynamicNodes.workflow(found.execution(), found.node()).ifPresent(answer::setDynamicWorkflow);
    return answer.build();
  }

  private static FlyteURLs urls(Found found) {
    var address =
        "flyte://v1/%s/%s/%s/%s"
            .formatted(
                found.id().project(),
                found.id().domain(),
                found.id().name(),
                found.node().nodeId());
    var urls = FlyteURLs.newBuilder().setInputs(address + "/i").setOutputs(address + "/o");
    if (found.node().deckUri() != null) {
      urls.setDeck(address + "/d");
    }
    return urls.build();
  }

  public DynamicNodeWorkflowResponse getDynamicNodeWorkflow(GetDynamicNodeWorkflowRequest request) {
    var found = find(request.getId());
    return dynamicNodes
        .workflow(found.execution(), found.node())
        .map(made ->
            DynamicNodeWorkflowResponse.newBuilder()
                .setCompiledWorkflow(made.getCompiledWorkflow())
                .build())
        .orElseThrow(() -> AdminException.notFound("node does not contain dynamic workflow"));
  }
}
