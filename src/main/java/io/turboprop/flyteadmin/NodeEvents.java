package io.turboprop.flyteadmin;

import flyteidl.core.Catalog.CatalogCacheStatus;
import flyteidl.core.Catalog.CatalogMetadata;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.event.Event.NodeExecutionEvent;
import flyteidl.event.Event.TaskNodeMetadata;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.data.StoredMessages;
import io.turboprop.data.Values;
import io.turboprop.flyteadmin.FlyteEvent.NodeInputKind;
import io.turboprop.store.NodeExecutionChange;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodeKind.Array.Encoding;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.WorkflowEvent;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the events of an execution's nodes: each phase of a node once, and never an earlier phase
 * after a later one, since FlyteAdmin refuses that. The events say what the node runs, its inputs
 * and its end. Not thread-safe.
 */
final class NodeEvents {
  private final AcceptedExecution execution;
  private final Plan plan;
  private final ExecutionEvents.Context context;
  private final WorkflowExecutionIdentifier id;
  private final Map<String, Rank> nodes = new HashMap<>();

  /** The order of a node's phases for FlyteAdmin; a node never returns to an earlier one. */
  private enum Rank {
    QUEUED,
    RUNNING,
    DYNAMIC_RUNNING,
    ENDED
  }

  NodeEvents(
      AcceptedExecution execution,
      Plan plan,
      ExecutionEvents.Context context,
      WorkflowExecutionIdentifier id) {
    this.execution = execution;
    this.plan = plan;
    this.context = context;
    this.id = id;
  }

  /** The approximate number of nodes in memory. */
  int size() {
    return nodes.size();
  }

  static boolean hasEnded(NodeExecutionChange node) {
    return rank(node) == Rank.ENDED;
  }

  /**
   * Adds an event RUNNING for a node whose next recorded change after QUEUED is its end or its
   * graph. FlyteAdmin takes the start time from the event RUNNING only.
   */
  void begin(List<FlyteEvent> events, NodeExecutionChange node, WorkflowEvent event) {
    var startedAt = node.moments().startedAt();
    if (rank(node).compareTo(Rank.RUNNING) > 0
        && startedAt != null
        && isBefore(node, Rank.RUNNING)) {
      nodes.put(node.key().nodeId(), Rank.RUNNING);
      events.add(event(new NodePhase(node, NodeExecution.Phase.RUNNING, startedAt, event)));
    }
  }

  /** Adds the event of a node that has reached a later phase. */
  void add(List<FlyteEvent> events, NodeExecutionChange node, WorkflowEvent event) {
    if (isBefore(node, rank(node))) {
      var phase = NodeExecution.Phase.forNumber(node.phase());
      var added = event(new NodePhase(node, phase, event.at(), event));
      nodes.put(node.key().nodeId(), rank(node));
      events.add(added);
    }
  }

  private boolean isBefore(NodeExecutionChange node, Rank rank) {
    var known = nodes.get(node.key().nodeId());
    return known == null || known.compareTo(rank) < 0;
  }

  private static Rank rank(NodeExecutionChange node) {
    return switch (NodeExecution.Phase.forNumber(node.phase())) {
      case UNDEFINED, QUEUED -> Rank.QUEUED;
      case RUNNING, FAILING -> Rank.RUNNING;
      case DYNAMIC_RUNNING -> Rank.DYNAMIC_RUNNING;
      case SUCCEEDED, FAILED, ABORTED, SKIPPED, TIMED_OUT, RECOVERED, UNRECOGNIZED -> Rank.ENDED;
    };
  }

  /**
   * A phase that a node has reached.
   *
   * @param change the node's row after the event
   * @param cause the event of the journal that has changed the node
   */
  private record NodePhase(
      NodeExecutionChange change, NodeExecution.Phase phase, Instant at, WorkflowEvent cause) {

    NodePath path() {
      return change.path();
    }

    String nodeId() {
      return change.key().nodeId();
    }

    boolean isEnd() {
      return rank(change) == Rank.ENDED && phase.getNumber() == change.phase();
    }

    /** Whether the child execution of a launch plan node was created by the time of the event. */
    boolean hasChild() {
      return change.moments().startedAt() != null
          && phase != NodeExecution.Phase.QUEUED
          && phase != NodeExecution.Phase.RECOVERED;
    }
  }

  private FlyteEvent event(NodePhase node) {
    var change = node.change();
    var planned = context.planNodes().find(execution.number(), plan, node.path());
    var message =
        NodeExecutionEvent.newBuilder()
            .setId(EventMessages.nodeId(id, node.nodeId()))
            .setProducerId(context.producer())
            .setPhase(node.phase())
            .setOccurredAt(EventMessages.timestamp(node.at()))
            .setEventVersion(EventMessages.VERSION)
            .setSpecNodeId(node.path().nodeId())
            .setNodeName(planned.map(PlanNode::name).orElse(""))
            .setIsParent(change.parent())
            .setIsInDynamicChain(isInDynamicChain(node.path()));
    if (change.parentId() instanceof String parent) {
      message
          .setRetryGroup(String.valueOf(node.path().parentAttempt()))
          .getParentNodeMetadataBuilder()
          .setNodeId(parent);
    }
    if (node.isEnd() && change.error() instanceof ExecutionError error) {
      message.setError(EventMessages.error(error));
    }
    if (change.deckUri() instanceof String deck) {
      message.setDeckUri(deck);
    }
    planned.ifPresent(found -> addTarget(message, found.kind(), node));
    if (node.phase() == NodeExecution.Phase.DYNAMIC_RUNNING
        && node.cause() instanceof WorkflowEvent.GraphOpened opened) {
      addDynamic(message, opened);
    }
    return new FlyteEvent.NodeEvent(
        message.build(),
        node.path(),
        change.attempt(),
        inputs(planned, node),
        node.isEnd() ? outputs(change) : Optional.empty());
  }

  /** The outputs of the start node are the inputs of the execution. */
  private Optional<Values> outputs(NodeExecutionChange change) {
    return change.path().isRoot() && change.path().nodeId().equals(PlanNode.START)
        ? Optional.of(execution.inputs())
        : Optional.ofNullable(change.outputs());
  }

  private NodeInputKind inputs(Optional<PlanNode> planned, NodePhase node) {
    if (planned.isEmpty()
        || planned.orElseThrow().bindings().isEmpty()
        || node.phase() == NodeExecution.Phase.SKIPPED) {
      return NodeInputKind.NONE;
    }
    return switch (planned.orElseThrow().kind()) {
      case NodeKind.Task _, NodeKind.Array _ -> NodeInputKind.FILE;
      case NodeKind.SubWorkflow _,
          NodeKind.Branch _,
          NodeKind.LaunchPlan _,
          NodeKind.Gate _,
          NodeKind.End _ ->
          nodes.containsKey(node.nodeId()) ? NodeInputKind.NONE : NodeInputKind.DERIVED;
      case NodeKind.Start _ -> NodeInputKind.NONE;
    };
  }

  private boolean isInDynamicChain(NodePath path) {
    for (var parent = path.parent(); parent.isPresent(); parent = parent.get().parent()) {
      if (context
          .planNodes()
          .find(execution.number(), plan, parent.get())
          .filter(node -> node.kind() instanceof NodeKind.Task)
          .isPresent()) {
        return true;
      }
    }
    return false;
  }

  private void addTarget(NodeExecutionEvent.Builder message, NodeKind kind, NodePhase node) {
    switch (kind) {
      case NodeKind.Task(var task, _) -> {
        message.setTargetEntity(task.toMessage());
        if (node.isEnd()) {
          message.setTaskNodeMetadata(cache(node.change()));
        }
      }
      case NodeKind.Array array -> {
        message.setIsArray(array.encoding() != Encoding.CONTAINER_ARRAY);
        if (array.element().kind() instanceof NodeKind.Task(var task, _)) {
          message.setTargetEntity(task.toMessage());
        }
      }
      case NodeKind.LaunchPlan(var launchPlan) -> {
        message.setTargetEntity(launchPlan.toMessage());
        if (context.linksChildren() && node.hasChild()) {
          message
              .getWorkflowNodeMetadataBuilder()
              .setExecutionId(
                  id.toBuilder()
                      .setName(
                          Naming.childExecutionName(
                              id.getName(), node.nodeId(), node.change().attempt())));
        }
      }
      case NodeKind.Start _,
          NodeKind.End _,
          NodeKind.SubWorkflow _,
          NodeKind.Branch _,
          NodeKind.Gate _ -> {}
    }
  }

  private static TaskNodeMetadata cache(NodeExecutionChange change) {
    var metadata = TaskNodeMetadata.newBuilder();
    if (change.cache() != null) {
      metadata.setCacheStatus(CatalogCacheStatus.forNumber(change.cache().status().number()));
      if (!change.cache().key().isEmpty()) {
        metadata.setCatalogKey(
            StoredMessages.parse(CatalogMetadata.parser(), change.cache().key()));
      }
    }
    return metadata.build();
  }

  /** Adds the workflow that a dynamic node's task has written. */
  private void addDynamic(NodeExecutionEvent.Builder message, WorkflowEvent.GraphOpened opened) {
    if (opened.contents() instanceof Subgraph.Dynamic(var digest)) {
      var closure = context.closures().apply(digest);
      message
          .setIsDynamic(true)
          .getTaskNodeMetadataBuilder()
          .getDynamicWorkflowBuilder()
          .setId(closure.getPrimary().getTemplate().getId())
          .setCompiledWorkflow(closure)
          .setDynamicJobSpecUri(
              context
                  .layout()
                  .node(execution.id(), opened.node(), opened.attempt())
                  .futures()
                  .uri());
    }
  }
}
