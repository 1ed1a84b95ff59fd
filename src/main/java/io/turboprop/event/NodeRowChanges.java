package io.turboprop.event;

import com.google.protobuf.ByteString;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.TaskExecution;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Naming;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.store.NodeExecutionChange;
import io.turboprop.store.RowChange;
import io.turboprop.store.StartUp;
import io.turboprop.store.TaskExecutionChange;
import io.turboprop.store.Timestamps;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.NodeEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The changes that an event of one node makes in the node's row and in the rows of its attempts.
 * Pure, except that it looks up the plans of dynamic nodes.
 *
 * <p>A node gets its row when it is queued, skipped or ended. An attempt gets its row when a plugin
 * was asked to run it. If no event shows that the attempt was running before it ended, its start
 * comes from the summary. As in FlytePropeller, a retry changes the row of the attempt, not that of
 * the node.
 */
final class NodeRowChanges {
  private final NodeExecutionChange.Key key;
  private final NodePath path;
  private final Optional<EntityId> task;
  private final boolean array;
  private final boolean parent;

  private NodeRowChanges(long number, NodePath path, Optional<NodeKind> kind) {
    this.key = new NodeExecutionChange.Key(number, Naming.uniqueNodeId(path));
    this.path = path;
    this.task = kind.flatMap(NodeRowChanges::task);
    this.array = kind.orElse(null) instanceof NodeKind.Array;
    this.parent = kind.filter(NodeRowChanges::isParent).isPresent();
  }

  /** The task that an attempt runs; for an array, the task of its elements. */
  private static Optional<EntityId> task(NodeKind kind) {
    return switch (kind) {
      case NodeKind.Task(var id, _) -> Optional.of(id);
      case NodeKind.Array array when array.element().kind() instanceof NodeKind.Task(var id, _) ->
          Optional.of(id);
      case NodeKind.Array _,
          NodeKind.Start _,
          NodeKind.End _,
          NodeKind.SubWorkflow _,
          NodeKind.Branch _,
          NodeKind.LaunchPlan _,
          NodeKind.Gate _ ->
          Optional.empty();
    };
  }

  /** Whether clients see the node as a parent of other nodes from the beginning. */
  private static boolean isParent(NodeKind kind) {
    return switch (kind) {
      case NodeKind.SubWorkflow _ -> true;
      case NodeKind.Start _,
          NodeKind.End _,
          NodeKind.Task _,
          NodeKind.Branch _,
          NodeKind.LaunchPlan _,
          NodeKind.Gate _,
          NodeKind.Array _ ->
          false;
    };
  }

  /** The row of the execution's start node. */
  static RowChange start(long number, WorkflowEvent.Started event) {
    return new NodeRowChanges(number, NodePath.root(PlanNode.START), Optional.empty())
        .node(NodeExecution.Phase.SUCCEEDED, 0, ended(event.at()), null);
  }

  static List<RowChange> of(long number, Plan plan, PlanNodes planNodes, NodeEvent event) {
    var around = event.node().parent().flatMap(parent -> planNodes.find(number, plan, parent));
    if (around.isPresent()
        && around.orElseThrow().kind() instanceof NodeKind.Array array
        && array.element().kind() instanceof NodeKind.Task) {
      return ElementRowChanges.of(number, array, event)
          .<List<RowChange>>map(List::of)
          .orElse(List.of());
    }
    var kind = planNodes.find(number, plan, event.node()).map(PlanNode::kind);
    return new NodeRowChanges(number, event.node(), kind).of(event);
  }

  private List<RowChange> of(NodeEvent event) {
    return switch (event) {
      case WorkflowEvent.NodeQueued e ->
          List.of(node(NodeExecution.Phase.QUEUED, 0, created(e.at()), null));
      case WorkflowEvent.NodeSkipped e ->
          List.of(node(NodeExecution.Phase.SKIPPED, 0, ended(e.at()), null));
      case WorkflowEvent.GraphOpened e -> opened(e);
      case WorkflowEvent.NodeRunning e -> running(e);
      case WorkflowEvent.NodeRetrying e -> retrying(e);
      case WorkflowEvent.NodeSucceeded e -> succeeded(e);
      case WorkflowEvent.NodeRecovered e -> recovered(e);
      case WorkflowEvent.NodeFailed e ->
          failed(NodeExecution.Phase.FAILED, e.attempt(), e.error(), e.conclusion(), e.at());
      case WorkflowEvent.NodeTimedOut e ->
          failed(
              NodeExecution.Phase.TIMED_OUT, e.attempt(), e.error(), AttemptSummary.NONE, e.at());
      case WorkflowEvent.NodeAborted e -> aborted(e);
      case WorkflowEvent.GraphEnded _,
          WorkflowEvent.GraphFailing _,
          WorkflowEvent.NodeAwoken _,
          WorkflowEvent.NodeExpired _,
          WorkflowEvent.NodeRequeued _ ->
          List.of();
    };
  }

  private List<RowChange> opened(WorkflowEvent.GraphOpened event) {
    var at = event.at();
    var node =
        new NodeExecutionChange(
            key,
            path,
            parentId(),
            isParent(event.contents()),
            phase(event.contents()).getNumber(),
            event.attempt(),
            new Timestamps(at, at, at, null),
            null,
            null,
            null,
            null);
    return switch (event.contents()) {
      case Subgraph.SubWorkflow _ -> List.of(node, startNode(event));
      case Subgraph.Dynamic _ ->
          Stream.concat(
                  Stream.of(node, startNode(event)),
                  concluded(
                      TaskExecution.Phase.SUCCEEDED, event.attempt(), null, event.conclusion(), at)
                      .stream())
              .toList();
      case Subgraph.BranchArm _ -> List.of(node);
      case Subgraph.ArrayElements(var size) -> with(node, elements(size, event.attempt(), at));
    };
  }

  /**
   * The row of an array of tasks: a single attempt of its task, also after the array was retried.
   */
  private Optional<RowChange> elements(int size, int attempt, Instant at) {
    return task.map(id ->
        new TaskExecutionChange(
            taskKey(attempt),
            id,
            TaskExecution.Phase.RUNNING_VALUE,
            0,
            new Timestamps(at, at, at, null),
            StartUp.UNKNOWN,
            null,
            ByteString.EMPTY,
            null,
            size));
  }

  /**
   * Whether clients see the node as a parent of other nodes ({@code
   * NodeExecutionMetaData.is_parent_node}). A sub-workflow always is a parent. An array never is
   * one for clients, even if its elements are nodes: flytekit can't read a node that is both.
   */
  private static boolean isParent(Subgraph contents) {
    return switch (contents) {
      case Subgraph.SubWorkflow _, Subgraph.Dynamic _ -> true;
      case Subgraph.ArrayElements _, Subgraph.BranchArm _ -> false;
    };
  }

  private static NodeExecution.Phase phase(Subgraph contents) {
    return switch (contents) {
      case Subgraph.Dynamic _ -> NodeExecution.Phase.DYNAMIC_RUNNING;
      case Subgraph.SubWorkflow _, Subgraph.BranchArm _, Subgraph.ArrayElements _ ->
          NodeExecution.Phase.RUNNING;
    };
  }

  private RowChange startNode(WorkflowEvent.GraphOpened event) {
    return new NodeRowChanges(
            key.execution(), path.child(event.attempt(), PlanNode.START), Optional.empty())
        .node(NodeExecution.Phase.SUCCEEDED, 0, ended(event.at()), event.inputs());
  }

  /**
   * The changes that reported progress makes. A task's node stays QUEUED until the task has left
   * all queues. A task that waits for a slot, or for a cache entry of another execution, shows the
   * reason only in its attempt.
   */
  private List<RowChange> running(WorkflowEvent.NodeRunning event) {
    var progress = event.progress();
    var attempt = task.filter(_ -> TaskPhases.isShown(progress)).map(id -> attempt(id, event));
    return task.isEmpty() || !TaskPhases.isQueued(progress.phase())
        ? with(node(event), attempt)
        : attempt
            .map(change ->
                List.of(
                    node(
                        NodeExecution.Phase.QUEUED,
                        event.attempt(),
                        started(null, event.at()),
                        null),
                    change))
            .orElse(List.of());
  }

  private RowChange node(WorkflowEvent.NodeRunning event) {
    return new NodeExecutionChange(
        key,
        path,
        parentId(),
        parent,
        NodeExecution.Phase.RUNNING_VALUE,
        event.attempt(),
        started(event.at(), event.at()),
        null,
        null,
        null,
        event.progress().deckUri().orElse(null));
  }

  private RowChange attempt(EntityId id, WorkflowEvent.NodeRunning event) {
    var progress = event.progress();
    var phase = TaskPhases.of(progress.phase());
    return new TaskExecutionChange(
        taskKey(event.attempt()),
        id,
        phase.getNumber(),
        progress.phaseVersion(),
        new Timestamps(
            event.at(), phase == TaskExecution.Phase.RUNNING ? event.at() : null, event.at(), null),
        new StartUp(phase == TaskExecution.Phase.INITIALIZING ? event.at() : null, null),
        orNull(progress.details()),
        AttemptDetails.reasons(progress.details(), event.at()),
        null);
  }

  private List<RowChange> retrying(WorkflowEvent.NodeRetrying event) {
    var node =
        node(
            NodeExecution.Phase.RUNNING,
            event.attempt(),
            started(event.conclusion().startedAt().orElse(null), event.at()),
            null);
    return array
        ? List.of(node)
        : with(
            node,
            concluded(
                TaskExecution.Phase.FAILED,
                event.attempt(),
                event.error(),
                event.conclusion(),
                event.at()));
  }

  /** A recovered node has no attempt: no plugin was asked to run it. */
  private List<RowChange> recovered(WorkflowEvent.NodeRecovered event) {
    return List.of(
        node(
            NodeExecution.Phase.RECOVERED,
            event.attempt(),
            event.outputs(),
            null,
            event.conclusion(),
            event.at()));
  }

  private List<RowChange> succeeded(WorkflowEvent.NodeSucceeded event) {
    return with(
        node(
            NodeExecution.Phase.SUCCEEDED,
            event.attempt(),
            event.outputs(),
            null,
            event.conclusion(),
            event.at()),
        concluded(
            TaskExecution.Phase.SUCCEEDED, event.attempt(), null, event.conclusion(), event.at()));
  }

  private List<RowChange> failed(
      NodeExecution.Phase phase,
      int attempt,
      ExecutionError error,
      AttemptSummary conclusion,
      Instant at) {
    return with(
        node(phase, attempt, null, error, conclusion, at),
        concluded(TaskExecution.Phase.FAILED, attempt, error, conclusion, at));
  }

  /**
   * The node's error gives the cause of the abort, as FlytePropeller's does; the attempt gets no
   * error.
   */
  private List<RowChange> aborted(WorkflowEvent.NodeAborted event) {
    var error = new ExecutionError("NodeAborted", event.cause(), ExecutionError.Kind.UNKNOWN);
    return with(
        node(
            NodeExecution.Phase.ABORTED,
            event.attempt(),
            null,
            error,
            AttemptSummary.NONE,
            event.at()),
        concluded(
            TaskExecution.Phase.ABORTED, event.attempt(), null, AttemptSummary.NONE, event.at()));
  }

  /**
   * The change that the end of an attempt makes. If no event says that the attempt began, its row
   * may be missing.
   */
  private Optional<RowChange> concluded(
      TaskExecution.Phase phase,
      int attempt,
      @Nullable ExecutionError error,
      AttemptSummary conclusion,
      Instant at) {
    var ran = conclusion.startedAt().isPresent() || !conclusion.details().isEmpty();
    return task.map(id ->
        new TaskExecutionChange(
            taskKey(attempt),
            ran ? id : null,
            phase.getNumber(),
            0,
            new Timestamps(null, conclusion.startedAt().orElse(null), at, at),
            new StartUp(null, AttemptDetails.codeBeganAt(conclusion.details()).orElse(null)),
            orNull(conclusion.details()),
            ByteString.EMPTY,
            error));
  }

  private NodeExecutionChange node(
      NodeExecution.Phase phase, int attempt, Timestamps moments, @Nullable Values outputs) {
    return new NodeExecutionChange(
        key,
        path,
        parentId(),
        parent,
        phase.getNumber(),
        attempt,
        moments,
        outputs,
        null,
        null,
        null);
  }

  private NodeExecutionChange node(
      NodeExecution.Phase phase,
      int attempt,
      @Nullable Values outputs,
      @Nullable ExecutionError error,
      AttemptSummary conclusion,
      Instant at) {
    var moments = new Timestamps(null, conclusion.startedAt().orElse(null), at, at);
    return new NodeExecutionChange(
        key,
        path,
        parentId(),
        parent,
        phase.getNumber(),
        attempt,
        moments,
        outputs,
        error,
        conclusion.cache().equals(AttemptSummary.Cache.DISABLED) ? null : conclusion.cache(),
        conclusion.deckUri().orElse(null));
  }

  private TaskExecutionChange.Key taskKey(int attempt) {
    return new TaskExecutionChange.Key(key.execution(), key.nodeId(), array ? 0 : attempt);
  }

  private @Nullable String parentId() {
    return path.isRoot() ? null : Naming.uniqueNodeId(path.parent().orElseThrow());
  }

  private static List<RowChange> with(RowChange node, Optional<? extends RowChange> task) {
    return Stream.<RowChange>concat(Stream.of(node), task.stream()).toList();
  }

  private static Timestamps created(Instant at) {
    return new Timestamps(at, null, at, null);
  }

  private static Timestamps started(@Nullable Instant startedAt, Instant at) {
    return new Timestamps(null, startedAt, at, null);
  }

  private static Timestamps ended(Instant at) {
    return new Timestamps(null, null, at, at);
  }

  private static @Nullable ByteString orNull(ByteString bytes) {
    return bytes.isEmpty() ? null : bytes;
  }
}
