package io.turboprop.workflow.decide;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.journal.WorkflowEventCodec;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Facts;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import io.turboprop.workflow.state.WorkflowState.Outcome;
import io.turboprop.workflow.state.WorkflowStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What one execution may keep, and do in a turn, has bounds. */
final class BoundsTest {
  private static final int LONG_TEXT = 90_000;

  private IndexedState execution;
  private long bytes;
  private int eventsOfTurnMax;

  @Test
  void manyLongErrorsAreCut() {
    start(tasks(6_000));
    for (int i = 0; i < 6_000; i++) {
      var error = ExecutionError.user("USER:Error", i + " " + "x".repeat(LONG_TEXT));
      apply(new NodeReport.Failed(NodePath.root("n" + i), 0, error, false, AttemptSummary.NONE));
    }
    assertThat(execution.state()).isInstanceOf(Done.class);
    assertThat(bytes).isLessThan(12_000_000);
  }

  @Test
  void theFirstErrorIsKeptWholeAndALaterOneSaysWhatIsMissing() {
    start(tasks(2));
    var error = ExecutionError.user("USER:Error", "x".repeat(LONG_TEXT));
    var failed = new NodeReport.Failed(NodePath.root("n0"), 0, error, false, AttemptSummary.NONE);
    assertThat(apply(failed))
        .first()
        .isInstanceOfSatisfying(
            WorkflowEvent.NodeFailed.class, event -> assertThat(event.error()).isEqualTo(error));
    var second = new NodeReport.Failed(NodePath.root("n1"), 0, error, false, AttemptSummary.NONE);
    assertThat(apply(second))
        .first()
        .isInstanceOfSatisfying(
            WorkflowEvent.NodeFailed.class,
            event ->
                assertThat(event.error().message())
                    .hasSizeLessThan(52_000)
                    .contains("38800 bytes left out"));
  }

  @Test
  void aLongCauseOfAnAbortIsKeptOnce() {
    start(tasks(2_000));
    apply(new WorkflowCommand.Abort("why ".repeat(LONG_TEXT)));
    for (var work : WorkflowMachine.outstanding(execution.state())) {
      assertThat(((Work.AbortNode) work).cause()).startsWith("why").hasSizeLessThan(1_000);
      apply(new NodeReport.Aborted(work.node(), work.attempt()));
    }
    assertThat(execution.state()).isInstanceOf(Done.class);
    assertThat(bytes).isLessThan(2_000_000);
  }

  @Test
  void subWorkflowsThatMultiplyRunInTurns() {
    Graph graph = TestingPlans.flow();
    for (int level = 0; level < 2; level++) {
      var inner = graph;
      graph =
          TestingPlans.flow(
              IntStream.range(0, 100)
                  .mapToObj(i -> TestingPlans.subWorkflow("s" + i, inner))
                  .toArray(PlanNode[]::new));
    }
    start(graph);
    runInTurns();
    assertThat(((Done) execution.state()).outcome()).isInstanceOf(Outcome.Succeeded.class);
    assertThat(eventsOfTurnMax).isLessThanOrEqualTo(WorkflowMachine.EVENTS_PER_TURN_MAX);
  }

  @Test
  @Timeout(120)
  void deepSubWorkflowsThatDoubleFail() {
    var graph = TestingPlans.flow();
    for (int level = 0; level < 48; level++) {
      var inner = graph;
      graph =
          TestingPlans.flow(
              TestingPlans.subWorkflow("a", inner), TestingPlans.subWorkflow("b", inner));
    }
    start(graph);
    runInTurns();
    assertThat(((Done) execution.state()).outcome())
        .isInstanceOfSatisfying(
            Outcome.Failed.class,
            failed -> assertThat(failed.error().code()).isEqualTo("TooManyNodes"));
  }

  @Test
  void theMostNodesOfAnExecutionIsASetting() {
    var inner = TestingPlans.flow();
    var graph =
        TestingPlans.flow(
            TestingPlans.subWorkflow("a", inner), TestingPlans.subWorkflow("b", inner));
    for (var nodesMax : List.of(8, 7)) {
      var plan = TestingPlans.plan(graph);
      execution = IndexedState.of(new NotStarted(_ -> plan));
      apply(new WorkflowCommand.Start(plan.digest(), Values.NONE, Facts.withNodesMax(nodesMax)));
      runInTurns();
      var outcome = ((Done) execution.state()).outcome();
      if (nodesMax == 8) {
        assertThat(outcome).isInstanceOf(Outcome.Succeeded.class);
      } else {
        assertThat(outcome)
            .isInstanceOfSatisfying(
                Outcome.Failed.class,
                failed ->
                    assertThat(failed.error().message())
                        .contains("may have 7", "turboprop.workflow.nodes-max"));
      }
    }
  }

  @Test
  void aTurnThatIsOverEarlyChangesNoDecision() {
    var inner = TestingPlans.flow(TestingPlans.subWorkflow("c", TestingPlans.flow()));
    var plan =
        TestingPlans.plan(
            TestingPlans.flow(
                TestingPlans.subWorkflow("a", inner), TestingPlans.subWorkflow("b", inner)));
    var start = new WorkflowCommand.Start(plan.digest(), Values.NONE, Facts.WIDE);
    execution = IndexedState.of(new NotStarted(_ -> plan));
    var whole = apply(start);
    var parts = new ArrayList<WorkflowEvent>();
    execution = IndexedState.of(new NotStarted(_ -> plan));
    parts.addAll(apply(start, events -> events < 1));
    assertThat(parts).hasSize(1);
    while (!(execution.state() instanceof Done)) {
      var turn = apply(new WorkflowCommand.Tick(), events -> events < 1);
      assertThat(turn).hasSize(1);
      parts.addAll(turn);
    }
    assertThat(parts).isEqualTo(whole);
  }

  @Test
  void anAbortIsServedBetweenTurns() {
    start(tasks(10_000));
    assertThat(WorkflowMachine.wakeUp(execution))
        .hasValueSatisfying(at -> assertThat(at).isBefore(Facts.NOW));
    assertThat(apply(new WorkflowCommand.Abort("why")))
        .containsExactly(new WorkflowEvent.Aborting("why", Facts.NOW));
    assertThat(WorkflowMachine.outstanding(execution.state())).hasSizeLessThan(4_000);
  }

  private void start(Graph graph) {
    var plan = TestingPlans.plan(graph);
    execution = IndexedState.of(new NotStarted(_ -> plan));
    apply(new WorkflowCommand.Start(plan.digest(), Values.NONE, Facts.WIDE));
  }

  private void runInTurns() {
    while (!(execution.state() instanceof Done)) {
      apply(new WorkflowCommand.Tick());
    }
  }

  private List<WorkflowEvent> apply(WorkflowCommand command) {
    return apply(command, events -> events < WorkflowMachine.EVENTS_PER_TURN_MAX);
  }

  private List<WorkflowEvent> apply(WorkflowCommand command, IntPredicate hasRoom) {
    if (!(WorkflowMachine.decide(execution, command, Facts.NOW, hasRoom)
        instanceof Decision.Accept(var events, var after))) {
      return List.of();
    }
    execution = after;
    eventsOfTurnMax = Math.max(eventsOfTurnMax, events.size());
    if (!events.isEmpty()) {
      bytes += WorkflowEventCodec.encode(new WorkflowStep(events)).getSerializedSize();
    }
    return events;
  }

  private static Graph tasks(int size) {
    return TestingPlans.flow(
        FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE,
        Optional.empty(),
        IntStream.range(0, size)
            .mapToObj(i -> TestingPlans.task("n" + i))
            .toArray(PlanNode[]::new));
  }
}
