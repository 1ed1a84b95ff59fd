package io.turboprop.flyteadmin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import flyteidl.event.Event.NodeExecutionEvent;
import flyteidl.event.Event.TaskExecutionEvent;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Layout;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.event.Journal.Step;
import io.turboprop.event.PlanNodes;
import io.turboprop.event.TestingPlans;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.Permit;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExecutionEventsTest {
  private static final NodePath N0 = NodePath.root("n0");
  private static final ExecutionError ERROR = ExecutionError.user("USER:ValueError", "no");
  private static final Values OUTPUTS = new Values.Stored(new DataReference("/o.pb"));

  @Test
  void eachPhaseIsToldOnceAndTheAttemptBetweenTheBeginningAndTheEndOfItsNode() {
    assertThat(
            told(
                TestingPlans.chain(1),
                List.of(started(), new WorkflowEvent.NodeQueued(N0, at(1))),
                List.of(running(0, 5, at(2))),
                List.of(
                    succeeded(N0, at(3)),
                    new WorkflowEvent.Succeeding(at(3)),
                    new WorkflowEvent.Succeeded(OUTPUTS, at(3)))))
        .containsExactly(
            "RUNNING",
            "start-node SUCCEEDED",
            "n0 QUEUED",
            "n0 RUNNING",
            "n0.0 RUNNING 0",
            "n0.0 SUCCEEDED 1",
            "n0 SUCCEEDED",
            "SUCCEEDING",
            "SUCCEEDED");
  }

  @Test
  void aNodeTooQuickToBeSeenRunningIsToldToRunSinceOnlyThatTellsWhen() {
    assertThat(
            told(
                TestingPlans.chain(1),
                List.of(started(), new WorkflowEvent.NodeQueued(N0, at(1)), succeeded(N0, at(3)))))
        .endsWith("n0 QUEUED", "n0 RUNNING", "n0.0 RUNNING 0", "n0.0 SUCCEEDED 1", "n0 SUCCEEDED");
  }

  @Test
  void aNodeThatIsTriedAgainDoesNotGoBackToItsQueue() {
    var retrying =
        new WorkflowEvent.NodeRetrying(N0, 0, ERROR, ran(at(2)), at(4), Permit.KEPT, at(3));
    assertThat(
            told(
                TestingPlans.chain(1),
                List.of(started(), new WorkflowEvent.NodeQueued(N0, at(1)), running(0, 5, at(2))),
                List.of(retrying),
                List.of(running(1, 3, at(5)), running(1, 5, at(6)))))
        .endsWith("n0.0 RUNNING 0", "n0.0 FAILED 1", "n0.1 QUEUED 0", "n0.1 RUNNING 1")
        .containsOnlyOnce("n0 QUEUED")
        .containsOnlyOnce("n0 RUNNING");
  }

  @Test
  void theVersionsOfAnAttemptGrowOverAllItsPhasesAndWhatSaysNothingNewIsNotTold() {
    assertThat(
            told(
                TestingPlans.chain(1),
                List.of(started(), new WorkflowEvent.NodeQueued(N0, at(1))),
                List.of(progress(3, 0), progress(3, 1), progress(3, 1), progress(3, 2)),
                List.of(progress(5, 0), progress(5, 1))))
        .endsWith(
            "n0.0 QUEUED 0",
            "n0.0 QUEUED 1",
            "n0.0 QUEUED 2",
            "n0 RUNNING",
            "n0.0 RUNNING 3",
            "n0.0 RUNNING 4");
  }

  @Test
  void ofAnAbortOnlyTheEndsAreTold() {
    assertThat(
            told(
                TestingPlans.chain(1),
                List.of(started(), new WorkflowEvent.NodeQueued(N0, at(1)), running(0, 5, at(2))),
                List.of(new WorkflowEvent.Aborting("enough", at(3))),
                List.of(
                    new WorkflowEvent.NodeAborted(N0, 0, "enough", at(4)),
                    new WorkflowEvent.Aborted("enough", at(4)))))
        .endsWith("n0.0 RUNNING 0", "n0.0 ABORTED 1", "n0 ABORTED", "ABORTED")
        .doesNotContain("ABORTING");
  }

  @Test
  void aNodeThatNeverBeganHasNoAttempt() {
    assertThat(
            told(
                TestingPlans.chain(1),
                List.of(started(), new WorkflowEvent.NodeQueued(N0, at(1))),
                List.of(new WorkflowEvent.NodeAborted(N0, 0, "enough", at(4)))))
        .endsWith("n0 QUEUED", "n0 ABORTED");
  }

  @Test
  void nodesInsideAnotherNameItAndItsAttempt() {
    var inner = N0.child(0, "n0");
    var opened =
        new WorkflowEvent.GraphOpened(
            N0, 0, Values.NONE, new Subgraph.SubWorkflow(), AttemptSummary.NONE, at(2));
    var events =
        events(
            TestingPlans.nested(2),
            List.of(started(), new WorkflowEvent.NodeQueued(N0, at(1)), opened),
            List.of(new WorkflowEvent.NodeQueued(inner, at(3))));
    assertThat(events.stream().map(ExecutionEventsTest::text).toList())
        .endsWith("n0 RUNNING", "n0-0-start-node SUCCEEDED", "n0-0-n0 QUEUED");
    var last = ((FlyteEvent.NodeEvent) events.getLast()).event();
    assertThat(last.getParentNodeMetadata().getNodeId()).isEqualTo("n0");
    assertThat(last.getRetryGroup()).isEqualTo("0");
    assertThat(last.getSpecNodeId()).isEqualTo("n0");
    assertThat(last.getIsInDynamicChain()).isFalse();
    assertThat(last.getTargetEntity()).isEqualTo(TestingPlans.TASK.toMessage());
  }

  @Test
  void theErrorOfTheNodeAndOfItsAttemptIsTheSame() {
    var events =
        events(
            TestingPlans.chain(1),
            List.of(
                started(),
                new WorkflowEvent.NodeQueued(N0, at(1)),
                new WorkflowEvent.NodeFailed(N0, 0, ERROR, ran(at(2)), at(3)),
                new WorkflowEvent.Failing(ERROR, at(3)),
                new WorkflowEvent.Failed(ERROR, at(3))));
    var errors =
        events.stream()
            .flatMap(event ->
                switch (event) {
                  case FlyteEvent.NodeEvent node when node.event().hasError() ->
                      List.of(node.event().getError()).stream();
                  case FlyteEvent.TaskEvent task when task.event().hasError() ->
                      List.of(task.event().getError()).stream();
                  case FlyteEvent.ExecutionEvent workflow when workflow.event().hasError() ->
                      List.of(workflow.event().getError()).stream();
                  default -> java.util.stream.Stream.empty();
                })
            .toList();
    assertThat(errors).hasSize(4).allMatch(error -> error.getCode().equals("USER:ValueError"));
  }

  private static List<String> told(Plan plan, List<?>... steps) {
    return events(plan, steps).stream().map(ExecutionEventsTest::text).toList();
  }

  @SuppressWarnings("unchecked")
  private static List<FlyteEvent> events(Plan plan, List<?>... steps) {
    var events = translation(plan);
    var again = translation(plan);
    var told = new ArrayList<FlyteEvent>();
    for (int i = 0; i < steps.length; i++) {
      var step = new Step(i + 1, (List<WorkflowEvent>) steps[i]);
      var next = events.next(step);
      // A position in the events means the same after a crash.
      assertThat(again.next(step)).isEqualTo(next);
      told.addAll(next);
    }
    return told;
  }

  private static ExecutionEvents translation(Plan plan) {
    var execution =
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
    return new ExecutionEvents(
        execution,
        plan,
        new ExecutionEvents.Context(
            "propeller",
            PlanNodes.WITHOUT_DYNAMIC,
            digest -> {
              throw new AssertionError("no dynamic node has made " + digest);
            },
            Layout.of(new DataReference("/base")),
            false));
  }

  private static String text(FlyteEvent event) {
    return switch (event) {
      case FlyteEvent.ExecutionEvent workflow -> workflow.event().getPhase().name();
      case FlyteEvent.NodeEvent node -> text(node.event());
      case FlyteEvent.TaskEvent task -> text(task.event());
    };
  }

  private static String text(NodeExecutionEvent event) {
    return event.getId().getNodeId() + " " + event.getPhase();
  }

  private static String text(TaskExecutionEvent event) {
    return "%s.%d %s %d"
        .formatted(
            event.getParentNodeExecutionId().getNodeId(),
            event.getRetryAttempt(),
            event.getPhase(),
            event.getPhaseVersion());
  }

  private static WorkflowEvent started() {
    return new WorkflowEvent.Started("digest", Values.NONE, ExecutionSettings.DEFAULT, at(1));
  }

  private static WorkflowEvent running(int attempt, int phase, Instant at) {
    return new WorkflowEvent.NodeRunning(
        N0,
        attempt,
        new Progress(phase, 0, ByteString.EMPTY, ByteString.EMPTY),
        Optional.empty(),
        at);
  }

  private static WorkflowEvent progress(int phase, int version) {
    return new WorkflowEvent.NodeRunning(
        N0,
        0,
        new Progress(phase, version, ByteString.EMPTY, ByteString.EMPTY),
        Optional.empty(),
        at(2));
  }

  private static WorkflowEvent succeeded(NodePath node, Instant at) {
    return new WorkflowEvent.NodeSucceeded(node, 0, OUTPUTS, ran(at(2)), at);
  }

  private static AttemptSummary ran(Instant startedAt) {
    return new AttemptSummary(
        Optional.of(startedAt), ByteString.EMPTY, AttemptSummary.Cache.DISABLED, Optional.empty());
  }

  private static Instant at(int second) {
    return Instant.ofEpochSecond(1_000 + second);
  }
}
