package io.turboprop.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.TaskExecution;
import flyteidl.core.Execution.WorkflowExecution;
import flyteidl.event.Event.TaskExecutionEvent;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.NodeExecutionChange;
import io.turboprop.store.StartUp;
import io.turboprop.store.TaskExecutionChange;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.Permit;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RowChangesTest {
  private static final AcceptedExecution EXECUTION =
      new AcceptedExecution(
          new ExecutionId("p", "d", "e"),
          7,
          "digest",
          Values.NONE,
          ExecutionSettings.DEFAULT,
          ByteString.EMPTY,
          at(0),
          0,
          List.of());
  private static final NodePath N0 = NodePath.root("n0");
  private static final ExecutionError ERROR = ExecutionError.user("USER:ValueError", "no");
  private static final Values OUTPUTS = new Values.Stored(new DataReference("/o.pb"));

  @Test
  void startingMakesTheExecutionRunAndItsStartNodeSucceed() {
    var changes = changes(started(), new WorkflowEvent.NodeQueued(N0, at(1)));
    assertThat(changes.execution().phase()).isEqualTo(WorkflowExecution.Phase.RUNNING_VALUE);
    assertThat(changes.execution().after()).isZero();
    assertThat(changes.execution().through()).isEqualTo(1);
    assertThat(changes.execution().moments().startedAt()).isEqualTo(at(1));
    assertThat(changes.nodes())
        .extracting(c -> c.key().nodeId())
        .containsExactly("start-node", "n0");
    assertThat(changes.nodes())
        .extracting(NodeExecutionChange::phase)
        .containsExactly(NodeExecution.Phase.SUCCEEDED_VALUE, NodeExecution.Phase.QUEUED_VALUE);
    assertThat(changes.tasks()).isEmpty();
  }

  @Test
  void anAttemptTooQuickToBeSeenRunningHasBegunAllTheSame() {
    var changes =
        changes(
            new WorkflowEvent.NodeQueued(N0, at(1)),
            new WorkflowEvent.NodeSucceeded(N0, 0, OUTPUTS, ran(at(2)), at(3)));
    var node = changes.nodes().getFirst();
    assertThat(node.phase()).isEqualTo(NodeExecution.Phase.SUCCEEDED_VALUE);
    assertThat(node.moments().createdAt()).isEqualTo(at(1));
    assertThat(node.moments().startedAt()).isEqualTo(at(2));
    assertThat(node.moments().endedAt()).isEqualTo(at(3));
    assertThat(node.outputs()).isEqualTo(OUTPUTS);
    var task = changes.tasks().getFirst();
    assertThat(task.task()).isEqualTo(TestingPlans.TASK);
    assertThat(task.phase()).isEqualTo(TaskExecution.Phase.SUCCEEDED_VALUE);
    assertThat(task.moments().startedAt()).isEqualTo(at(2));
  }

  @Test
  void reasonsAreCollectedAndTheLatestDetailsKept() {
    var first = details("pulling");
    var second = details("running");
    var changes = changes(running(4, first, at(2)), running(5, second, at(3)));
    var task = changes.tasks().getFirst();
    assertThat(task.phase()).isEqualTo(TaskExecution.Phase.RUNNING_VALUE);
    assertThat(task.moments().createdAt()).isEqualTo(at(2));
    assertThat(task.moments().startedAt()).isEqualTo(at(3));
    assertThat(task.details()).isEqualTo(second);
    assertThat(AttemptDetails.all(task.reasons(), second, at(3)))
        .extracting(reason -> reason.getReason())
        .containsExactly("pulling", "running");
    assertThat(changes.nodes().getFirst().moments().startedAt()).isEqualTo(at(2));
  }

  @Test
  void theStartUpIsToldApartWhereThePluginTells() {
    var told =
        Struct.newBuilder()
            .putFields(
                TaskInfo.CODE_BEGAN_AT,
                Value.newBuilder().setStringValue(at(4).toString()).build());
    var details = TaskExecutionEvent.newBuilder().setCustomInfo(told).build().toByteString();
    var end =
        new AttemptSummary(
            Optional.of(at(3)), details, AttemptSummary.Cache.DISABLED, Optional.empty());

    var changes =
        changes(
            running(4, ByteString.EMPTY, at(2)),
            running(5, ByteString.EMPTY, at(3)),
            new WorkflowEvent.NodeSucceeded(N0, 0, OUTPUTS, end, at(5)));

    assertThat(changes.tasks().getFirst().startUp()).isEqualTo(new StartUp(at(2), at(4)));
  }

  @Test
  void ofAnAttemptWhosePluginTellsNothingTheStartUpIsUnknown() {
    var changes =
        changes(
            running(5, details("running"), at(3)),
            new WorkflowEvent.NodeSucceeded(N0, 0, OUTPUTS, ran(at(3)), at(5)));
    assertThat(changes.tasks().getFirst().startUp()).isEqualTo(StartUp.UNKNOWN);
  }

  @Test
  void aTaskThatWaitsToBeBegunIsStillQueued() {
    var changes = changes(running(1, ByteString.EMPTY, at(2)));
    assertThat(changes.nodes()).isEmpty();
    assertThat(changes.tasks()).isEmpty();
  }

  @Test
  void aRetryFailsTheAttemptAndNotTheNode() {
    var changes =
        changes(
            new WorkflowEvent.NodeRetrying(N0, 0, ERROR, ran(at(2)), at(4), Permit.KEPT, at(3)));
    assertThat(changes.nodes().getFirst().phase()).isEqualTo(NodeExecution.Phase.RUNNING_VALUE);
    assertThat(changes.nodes().getFirst().error()).isNull();
    assertThat(changes.tasks().getFirst().phase()).isEqualTo(TaskExecution.Phase.FAILED_VALUE);
    assertThat(changes.tasks().getFirst().error()).isEqualTo(ERROR);
  }

  @Test
  void aCacheHitMakesNoAttempt() {
    var cache = new AttemptSummary.Cache(AttemptSummary.CacheStatus.HIT, ByteString.EMPTY);
    var conclusion =
        new AttemptSummary(Optional.empty(), ByteString.EMPTY, cache, Optional.of("/d"));
    var changes = changes(new WorkflowEvent.NodeSucceeded(N0, 0, OUTPUTS, conclusion, at(3)));
    assertThat(changes.nodes().getFirst().cache()).isEqualTo(cache);
    assertThat(changes.nodes().getFirst().deckUri()).isEqualTo("/d");
    assertThat(changes.tasks()).extracting(TaskExecutionChange::task).containsOnlyNulls();
  }

  @Test
  void anAbortedNodeSaysWhyAndItsAttemptEndsIfItHadBegun() {
    var changes = changes(new WorkflowEvent.NodeAborted(N0, 1, "enough", at(3)));
    var error = changes.nodes().getFirst().error();
    assertThat(error)
        .isEqualTo(new ExecutionError("NodeAborted", "enough", ExecutionError.Kind.UNKNOWN));
    assertThat(changes.tasks().getFirst().task()).isNull();
    assertThat(changes.tasks().getFirst().phase()).isEqualTo(TaskExecution.Phase.ABORTED_VALUE);
  }

  @Test
  void anOpenedGraphMakesItsNodeAParentAndItsStartNodeSucceed() {
    var plan = TestingPlans.nested(2);
    var inner = N0.child(0, "n0");
    var changes =
        changes(
            plan,
            new WorkflowEvent.GraphOpened(
                N0, 0, OUTPUTS, new Subgraph.SubWorkflow(), AttemptSummary.NONE, at(1)),
            new WorkflowEvent.NodeQueued(inner, at(1)),
            new WorkflowEvent.NodeSucceeded(inner, 0, OUTPUTS, ran(at(2)), at(3)));
    assertThat(changes.nodes())
        .extracting(c -> c.key().nodeId())
        .containsExactly("n0", "n0-0-start-node", "n0-0-n0");
    assertThat(changes.nodes())
        .extracting(NodeExecutionChange::parent)
        .containsExactly(true, false, false);
    assertThat(changes.nodes())
        .extracting(NodeExecutionChange::parentId)
        .containsExactly(null, "n0", "n0");
    assertThat(changes.nodes().get(1).outputs()).isEqualTo(OUTPUTS);
    assertThat(changes.tasks().getFirst().key().nodeId()).isEqualTo("n0-0-n0");
  }

  @Test
  void nodesThatAreMadeAtRunTimeAreCounted() {
    var made = TestingPlans.nested(2);
    var planNodes = new PlanNodes((_, _, _) -> Optional.of("made"), _ -> made);
    var batch = new RowBatch();
    batch.add(
        RowChanges.of(
            EXECUTION,
            TestingPlans.chain(2),
            planNodes,
            1,
            List.of(
                opened(0, new Subgraph.Dynamic("made")),
                opened(1, new Subgraph.ArrayElements(100)),
                opened(2, new Subgraph.SubWorkflow()))));

    assertThat(batch.changes().executions())
        .extracting(ExecutionChange::nodesMade)
        .containsExactly(made.root().sizeWithSubWorkflows() + 100);
  }

  private static WorkflowEvent opened(int attempt, Subgraph contents) {
    return new WorkflowEvent.GraphOpened(
        N0, attempt, Values.NONE, contents, AttemptSummary.NONE, at(1));
  }

  /** Clients look at a node as what it is, also if nothing of it is ever run. */
  @Test
  void aSubWorkflowIsAParentFromTheBeginning() {
    var plan = TestingPlans.nested(2);
    for (var event :
        List.of(
            new WorkflowEvent.NodeQueued(N0, at(1)),
            new WorkflowEvent.NodeSkipped(N0, at(1)),
            new WorkflowEvent.NodeFailed(N0, 0, ERROR, AttemptSummary.NONE, at(1)))) {
      assertThat(changes(plan, event).nodes())
          .extracting(NodeExecutionChange::parent)
          .containsExactly(true);
    }
  }

  @Test
  void theEndsOfAnExecutionAreTold() {
    assertThat(changes(new WorkflowEvent.Succeeded(OUTPUTS, at(9))).execution())
        .returns(true, ExecutionChange::ended)
        .returns(OUTPUTS, ExecutionChange::outputs)
        .returns(WorkflowExecution.Phase.SUCCEEDED_VALUE, ExecutionChange::phase);
    assertThat(
            changes(new WorkflowEvent.Failing(ERROR, at(8)), new WorkflowEvent.Failed(ERROR, at(9)))
                .execution())
        .returns(true, ExecutionChange::ended)
        .returns(ERROR, ExecutionChange::error)
        .returns(WorkflowExecution.Phase.FAILED_VALUE, ExecutionChange::phase);
    assertThat(changes(new WorkflowEvent.Aborting("why", at(8))).execution())
        .returns(false, ExecutionChange::ended)
        .returns("why", ExecutionChange::abortCause)
        .returns(WorkflowExecution.Phase.ABORTING_VALUE, ExecutionChange::phase);
    assertThat(changes(new WorkflowEvent.Aborted("why", at(9))).execution().moments().endedAt())
        .isEqualTo(at(9));
  }

  @Test
  void whatIsOnlyOursIsNotTold() {
    var changes =
        changes(
            new WorkflowEvent.NodeAwoken(N0, 0, at(1)),
            new WorkflowEvent.NodeRequeued(N0, 0, at(1)),
            new WorkflowEvent.GraphFailing(N0, 0, ERROR, at(1)),
            new WorkflowEvent.NodeExpired(N0, 0, WorkflowEvent.Expiry.EXECUTION, ERROR, at(1)));
    assertThat(changes.nodes()).isEmpty();
    assertThat(changes.tasks()).isEmpty();
    assertThat(changes.execution().phase()).isNull();
  }

  private record Told(
      ExecutionChange execution,
      List<NodeExecutionChange> nodes,
      List<TaskExecutionChange> tasks) {}

  private static Told changes(WorkflowEvent... step) {
    return changes(TestingPlans.chain(2), step);
  }

  private static Told changes(Plan plan, WorkflowEvent... step) {
    var batch = new RowBatch();
    batch.add(RowChanges.of(EXECUTION, plan, PlanNodes.WITHOUT_DYNAMIC, 1, Arrays.asList(step)));
    var changes = batch.changes();
    return new Told(
        changes.executions().iterator().next(),
        List.copyOf(changes.nodes()),
        List.copyOf(changes.tasks()));
  }

  private static WorkflowEvent started() {
    return new WorkflowEvent.Started("digest", Values.NONE, ExecutionSettings.DEFAULT, at(1));
  }

  private static WorkflowEvent running(int phase, ByteString details, Instant at) {
    return new WorkflowEvent.NodeRunning(
        N0, 0, new Progress(phase, 1, ByteString.EMPTY, details), Optional.empty(), at);
  }

  private static AttemptSummary ran(Instant startedAt) {
    return new AttemptSummary(
        Optional.of(startedAt), ByteString.EMPTY, AttemptSummary.Cache.DISABLED, Optional.empty());
  }

  @SuppressWarnings("deprecation") // the field that plugins fill
  private static ByteString details(String reason) {
    return TaskExecutionEvent.newBuilder().setReason(reason).build().toByteString();
  }

  private static Instant at(int seconds) {
    return Instant.ofEpochSecond(1_000_000 + seconds);
  }
}
