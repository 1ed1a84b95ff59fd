package io.turboprop.flyteadmin;

import flyteidl.core.Catalog.CatalogCacheStatus;
import flyteidl.core.Catalog.CatalogMetadata;
import flyteidl.core.Compiler.CompiledWorkflowClosure;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.TaskExecution;
import flyteidl.core.Execution.WorkflowExecution;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.event.Event.NodeExecutionEvent;
import flyteidl.event.Event.TaskExecutionEvent;
import flyteidl.event.Event.TaskNodeMetadata;
import flyteidl.event.Event.WorkflowExecutionEvent;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Layout;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.data.StoredMessages;
import io.turboprop.data.Values;
import io.turboprop.event.Journal.Step;
import io.turboprop.event.PlanNodes;
import io.turboprop.event.RowChanges;
import io.turboprop.flyteadmin.FlyteEvent.NodeInputKind;
import io.turboprop.store.ArrayElementChange;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.NodeExecutionChange;
import io.turboprop.store.RowChange;
import io.turboprop.store.TaskExecutionChange;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodeKind.Array.Encoding;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.WorkflowEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Maps the steps of one execution to the events that FlytePropeller would send (engine §2.11, §9,
 * tasks §1.10), in an order that FlyteAdmin accepts (admin §5.4): a node before its attempts and
 * before the nodes inside it, each phase of a node once, the end last.
 *
 * <p>The events follow from the steps alone: the same steps in the same order give the same events,
 * after a crash too, so that a position in them can be recorded. What an event says comes from
 * {@link RowChanges}, the changes of the rows that our own clients read. Not thread-safe. A call
 * may block if a plan is not in memory.
 */
final class ExecutionEvents {
  private static final int EVENT_VERSION = 1;

  private final AcceptedExecution execution;
  private final Plan plan;
  private final Context context;
  private final WorkflowExecutionIdentifier id;

  private final Set<WorkflowExecution.Phase> phases = EnumSet.noneOf(WorkflowExecution.Phase.class);
  private final Map<String, Rank> nodes = new HashMap<>();
  private final Map<TaskExecutionChange.Key, Attempt> attempts = new HashMap<>();
  private boolean ended;

  /**
   * What the events of all executions need.
   *
   * @param producer the name of this engine for FlyteAdmin: the cluster's (admin §5)
   * @param closures the compiled workflow of a plan, by the plan's digest
   * @param linksChildren whether FlyteAdmin knows the executions that launch plan nodes start
   */
  record Context(
      String producer,
      PlanNodes planNodes,
      Function<String, CompiledWorkflowClosure> closures,
      Layout layout,
      boolean linksChildren) {}

  /** How far a node is for FlyteAdmin; a node never goes back. */
  private enum Rank {
    QUEUED,
    RUNNING,
    DYNAMIC_RUNNING,
    ENDED
  }

  /**
   * What an attempt's plugin has reported.
   *
   * @param phaseVersion the plugin's version within the phase
   */
  private record Reported(EntityId task, TaskExecution.Phase phase, int phaseVersion) {
    boolean hasEnded() {
      return switch (phase) {
        case SUCCEEDED, FAILED, ABORTED -> true;
        case UNDEFINED,
            QUEUED,
            RUNNING,
            INITIALIZING,
            WAITING_FOR_RESOURCES,
            RETRYABLE_FAILED,
            UNRECOGNIZED ->
            false;
      };
    }

    boolean covers(TaskExecution.Phase later, int version) {
      return hasEnded() || (phase == later && version <= phaseVersion);
    }
  }

  /**
   * The last event of an attempt.
   *
   * @param version the version that FlyteAdmin got, which grows over all phases
   */
  private record Attempt(Reported reported, int version) {}

  ExecutionEvents(AcceptedExecution execution, Plan plan, Context context) {
    this.execution = execution;
    this.plan = plan;
    this.context = context;
    this.id =
        WorkflowExecutionIdentifier.newBuilder()
            .setProject(execution.id().project())
            .setDomain(execution.id().domain())
            .setName(execution.id().name())
            .build();
  }

  /** Whether the execution has ended with the steps so far. */
  boolean hasEnded() {
    return ended;
  }

  /** About how much memory this takes, in nodes. */
  int size() {
    return 1 + nodes.size() + attempts.size();
  }

  /** The events of the next step, in the order in which they are to be sent. */
  List<FlyteEvent> next(Step step) {
    var events = new ArrayList<FlyteEvent>();
    var elements = new LinkedHashMap<TaskExecutionChange.Key, ElementEvents>();
    for (var event : step.events()) {
      var changes =
          RowChanges.of(
              execution, plan, context.planNodes(), step.sequenceNumber(), List.of(event));
      // The start of the execution comes before its first node; the end, and all else, after the
      // nodes.
      if (event instanceof WorkflowEvent.Started) {
        addWorkflow(events, changes, event.at());
      }
      if (event instanceof WorkflowEvent.NodeEvent || event instanceof WorkflowEvent.Started) {
        addNodes(events, elements, changes, event);
      } else {
        addElements(events, elements);
        addWorkflow(events, changes, event.at());
      }
    }
    addElements(events, elements);
    return events;
  }

  private void addWorkflow(List<FlyteEvent> events, List<RowChange> changes, Instant at) {
    for (var change : changes) {
      if (change instanceof ExecutionChange own && own.phase() instanceof Integer number) {
        var phase = WorkflowExecution.Phase.forNumber(number);
        // FlyteAdmin knows of an abort before the engine does, and takes no event of it but the
        // end.
        if (phase != WorkflowExecution.Phase.ABORTING && phases.add(phase)) {
          events.add(workflow(own, phase, at));
        }
        ended |= own.ended();
      }
    }
  }

  private FlyteEvent workflow(ExecutionChange change, WorkflowExecution.Phase phase, Instant at) {
    var event =
        WorkflowExecutionEvent.newBuilder()
            .setExecutionId(id)
            .setProducerId(context.producer())
            .setPhase(phase)
            .setOccurredAt(EventMessages.timestamp(at));
    if (change.error() instanceof ExecutionError error) {
      event.setError(EventMessages.error(error));
    }
    return new FlyteEvent.OfWorkflow(event.build(), Optional.ofNullable(change.outputs()));
  }

  /** Adds the events of one node: of itself, of its attempt, and of the start node inside it. */
  private void addNodes(
      List<FlyteEvent> events,
      Map<TaskExecutionChange.Key, ElementEvents> elements,
      List<RowChange> changes,
      WorkflowEvent event) {
    var ofNodes = new ArrayList<NodeExecutionChange>();
    var ofAttempts = new ArrayList<TaskExecutionChange>();
    for (var change : changes) {
      switch (change) {
        case ExecutionChange _ -> {}
        case NodeExecutionChange node -> ofNodes.add(node);
        case TaskExecutionChange attempt -> ofAttempts.add(attempt);
        case ArrayElementChange element ->
            elements
                .computeIfAbsent(
                    new TaskExecutionChange.Key(element.execution(), element.key().nodeId(), 0),
                    _ -> ElementEvents.of(execution.id(), element, arrayPath(event)))
                .add(element);
      }
    }
    if (ofNodes.isEmpty()) {
      ofAttempts.forEach(attempt -> addAttempt(events, elements, attempt, event, Optional.empty()));
      return;
    }
    var node = ofNodes.removeFirst();
    begin(events, node, event);
    if (rank(node) != Rank.ENDED) {
      addNode(events, node, event);
    }
    ofAttempts.forEach(attempt -> addAttempt(events, elements, attempt, event, Optional.of(node)));
    addNode(events, node, event);
    ofNodes.forEach(inside -> addNode(events, inside, event));
  }

  private static NodePath arrayPath(WorkflowEvent event) {
    return ((WorkflowEvent.NodeEvent) event).node().parent().orElseThrow();
  }

  /**
   * Reports that a node runs whose end, or whose graph, is the first that the journal says after
   * its queueing: FlyteAdmin takes the time of the start from that event alone.
   */
  private void begin(List<FlyteEvent> events, NodeExecutionChange node, WorkflowEvent event) {
    var startedAt = node.moments().startedAt();
    if (rank(node).compareTo(Rank.RUNNING) > 0
        && startedAt != null
        && isBefore(node, Rank.RUNNING)) {
      nodes.put(node.key().nodeId(), Rank.RUNNING);
      events.add(node(node, NodeExecution.Phase.RUNNING, startedAt, event));
    }
  }

  private void addNode(List<FlyteEvent> events, NodeExecutionChange node, WorkflowEvent event) {
    if (isBefore(node, rank(node))) {
      var phase = NodeExecution.Phase.forNumber(node.phase());
      var added = node(node, phase, event.at(), event);
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

  /** The event of a node that comes to a phase. */
  private FlyteEvent node(
      NodeExecutionChange change, NodeExecution.Phase phase, Instant at, WorkflowEvent event) {
    var planned = context.planNodes().find(execution.number(), plan, change.path());
    var isEnd = rank(change) == Rank.ENDED && phase.getNumber() == change.phase();
    var message =
        NodeExecutionEvent.newBuilder()
            .setId(nodeId(change.key().nodeId()))
            .setProducerId(context.producer())
            .setPhase(phase)
            .setOccurredAt(EventMessages.timestamp(at))
            .setEventVersion(EVENT_VERSION)
            .setSpecNodeId(change.path().nodeId())
            .setNodeName(planned.map(PlanNode::name).orElse(""))
            .setIsParent(change.parent())
            .setIsInDynamicChain(isInDynamicChain(change.path()));
    if (change.parentId() instanceof String parent) {
      message
          .setRetryGroup(String.valueOf(change.path().parentAttempt()))
          .getParentNodeMetadataBuilder()
          .setNodeId(parent);
    }
    if (isEnd && change.error() instanceof ExecutionError error) {
      message.setError(EventMessages.error(error));
    }
    if (change.deckUri() instanceof String deck) {
      message.setDeckUri(deck);
    }
    planned.ifPresent(node -> addTarget(message, node.kind(), change, phase, isEnd));
    if (phase == NodeExecution.Phase.DYNAMIC_RUNNING
        && event instanceof WorkflowEvent.GraphOpened opened) {
      addDynamic(message, opened);
    }
    return new FlyteEvent.OfNode(
        message.build(),
        change.path(),
        change.attempt(),
        inputs(planned, change, phase),
        isEnd ? outputs(change) : Optional.empty());
  }

  /** The outputs of the start node are the inputs of the execution. */
  private Optional<Values> outputs(NodeExecutionChange change) {
    return change.path().isRoot() && change.path().nodeId().equals(PlanNode.START)
        ? Optional.of(execution.inputs())
        : Optional.ofNullable(change.outputs());
  }

  private NodeInputKind inputs(
      Optional<PlanNode> planned, NodeExecutionChange change, NodeExecution.Phase phase) {
    if (planned.isEmpty()
        || planned.orElseThrow().bindings().isEmpty()
        || phase == NodeExecution.Phase.SKIPPED) {
      return NodeInputKind.NONE;
    }
    return switch (planned.orElseThrow().kind()) {
      case NodeKind.Task _, NodeKind.Array _ -> NodeInputKind.FILE;
      case NodeKind.SubWorkflow _,
          NodeKind.Branch _,
          NodeKind.LaunchPlan _,
          NodeKind.Gate _,
          NodeKind.End _ ->
          nodes.containsKey(change.key().nodeId()) ? NodeInputKind.NONE : NodeInputKind.DERIVED;
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

  private void addTarget(
      NodeExecutionEvent.Builder message,
      NodeKind kind,
      NodeExecutionChange change,
      NodeExecution.Phase phase,
      boolean isEnd) {
    switch (kind) {
      case NodeKind.Task(var task, _) -> {
        message.setTargetEntity(task.toMessage());
        if (isEnd) {
          message.setTaskNodeMetadata(cache(change));
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
        if (context.linksChildren() && hasChild(change, phase)) {
          message
              .getWorkflowNodeMetadataBuilder()
              .setExecutionId(
                  id.toBuilder()
                      .setName(
                          Naming.childExecutionName(
                              id.getName(), change.key().nodeId(), change.attempt())));
        }
      }
      case NodeKind.Start _,
          NodeKind.End _,
          NodeKind.SubWorkflow _,
          NodeKind.Branch _,
          NodeKind.Gate _ -> {}
    }
  }

  /** Whether the child execution of a launch plan node was created by the time of the event. */
  private static boolean hasChild(NodeExecutionChange change, NodeExecution.Phase phase) {
    return change.moments().startedAt() != null
        && phase != NodeExecution.Phase.QUEUED
        && phase != NodeExecution.Phase.RECOVERED;
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

  /** The workflow that a dynamic node's task has made. */
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

  private void addAttempt(
      List<FlyteEvent> events,
      Map<TaskExecutionChange.Key, ElementEvents> elements,
      TaskExecutionChange change,
      WorkflowEvent event,
      Optional<NodeExecutionChange> node) {
    var known = attempts.get(change.key());
    var phase = phase(change);
    var task = known == null ? change.task() : known.reported().task();
    if (task == null || (known != null && known.reported().covers(phase, change.phaseVersion()))) {
      return;
    }
    var path = ((WorkflowEvent.NodeEvent) event).node();
    var files = node.map(NodeExecutionChange::attempt).orElse(change.key().attempt());
    var startedAt = change.moments().startedAt();
    if (phase != TaskExecution.Phase.RUNNING
        && startedAt != null
        && (known == null || known.reported().phase() != TaskExecution.Phase.RUNNING)) {
      var begun = attempt(change.key(), task, TaskExecution.Phase.RUNNING, change, startedAt);
      events.add(new FlyteEvent.OfTask(begun.build(), path, files, Optional.empty()));
    }
    var message = attempt(change.key(), task, phase, change, event.at());
    if (change.error() instanceof ExecutionError error) {
      message.setError(EventMessages.error(error));
    }
    if (change.elements() instanceof Integer size) {
      ElementEvents.addQueued(message, execution.id(), change.key().nodeId(), files, size);
    }
    var pending = elements.remove(change.key());
    if (pending != null) {
      pending.addTo(message);
    }
    var outputs =
        event instanceof WorkflowEvent.NodeSucceeded(_, _, var made, _, _)
            ? Optional.of(made)
            : Optional.<Values>empty();
    events.add(new FlyteEvent.OfTask(message.build(), path, files, outputs));
  }

  private static TaskExecution.Phase phase(TaskExecutionChange change) {
    var phase = TaskExecution.Phase.forNumber(change.phase());
    return phase == TaskExecution.Phase.UNDEFINED ? TaskExecution.Phase.QUEUED : phase;
  }

  /**
   * The event of an attempt that comes to a phase. The versions that FlyteAdmin gets only grow,
   * over all phases: FlyteAdmin keeps the version of the phase before when a phase begins with 0,
   * and refuses what follows (admin §5.3).
   */
  private TaskExecutionEvent.Builder attempt(
      TaskExecutionChange.Key key,
      EntityId task,
      TaskExecution.Phase phase,
      TaskExecutionChange change,
      Instant at) {
    return attempt(key, new Reported(task, phase, change.phaseVersion()), at)
        .mergeFrom(EventMessages.details(change.details()));
  }

  private TaskExecutionEvent.Builder attempt(
      TaskExecutionChange.Key key, Reported reported, Instant at) {
    var known = attempts.get(key);
    var version = known == null ? 0 : known.version() + 1;
    attempts.put(key, new Attempt(reported, version));
    return TaskExecutionEvent.newBuilder()
        .setTaskId(reported.task().toMessage())
        .setParentNodeExecutionId(nodeId(key.nodeId()))
        .setRetryAttempt(key.attempt())
        .setProducerId(context.producer())
        .setPhase(reported.phase())
        .setPhaseVersion(version)
        .setOccurredAt(EventMessages.timestamp(at))
        .setEventVersion(EVENT_VERSION);
  }

  /** The changes of elements of arrays, as events of the arrays' attempts. */
  private void addElements(
      List<FlyteEvent> events, Map<TaskExecutionChange.Key, ElementEvents> elements) {
    elements.forEach((key, changed) -> {
      var known = attempts.get(key);
      if (known != null && !known.reported().hasEnded()) {
        var message = attempt(key, known.reported(), changed.at());
        changed.addTo(message);
        events.add(
            new FlyteEvent.OfTask(
                message.build(), changed.path(), changed.attempt(), Optional.empty()));
      }
    });
    elements.clear();
  }

  private NodeExecutionIdentifier nodeId(String node) {
    return NodeExecutionIdentifier.newBuilder().setExecutionId(id).setNodeId(node).build();
  }
}
