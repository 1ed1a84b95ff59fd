package io.turboprop.workflow.entity;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.Progress;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Workers that only note what they are sent, and leave when the test says so. */
final class NodeWorkersTest {
  private static final NodePath NODE = NodePath.root("a");
  private static final Plan PLAN = TestingPlans.chain("a");
  private static final Assignment FIRST = assignment(new Work.RunNode(NODE, 0));
  private static final Assignment STOP = assignment(new Work.AbortNode(NODE, 0, "why"));
  private static final Assignment SECOND = assignment(new Work.RunNode(NODE, 1));
  private static final Worker.Message ABORT = new Worker.Abort(new Work.AbortNode(NODE, 0, "why"));

  /** What a worker was started with, then what it was sent. */
  private record Told(int worker, Object what) {}

  private final Queue<Told> told = new ArrayDeque<>();
  private boolean attemptContinues;
  private final NodeWorkers<Integer> workers =
      new NodeWorkers<>(new NotingSpawner(), _ -> attemptContinues);

  @Test
  void oneWhoseAttemptIsOverCleansUp() {
    reconcile(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Release());
    assertThat(workers.isEmpty()).isFalse();
    leave(worker);
    assertThat(workers.isEmpty()).isTrue();
  }

  @Test
  void oneWhoseAttemptGoesOnLeaves() {
    attemptContinues = true;
    reconcile(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Leave());
  }

  @Test
  void noTwoAreAtTheSameAttempt() {
    attemptContinues = true;
    reconcile(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Leave());
    reconcile(FIRST);
    assertThat(told).isEmpty();
    leave(worker);
    begun(FIRST);
  }

  @Test
  void theNextAttemptNeedNotWaitForTheCleanUp() {
    reconcile(FIRST);
    var worker = begun(FIRST);
    reconcile(SECOND);
    tells(worker, new Worker.Release());
    begun(SECOND);
  }

  @Test
  void whenTheGraphInsideHasEndedAnotherOneSeesToIt() {
    attemptContinues = true;
    reconcile(FIRST);
    var worker = begun(FIRST);
    var finishing = finishing();
    reconcile(finishing);
    tells(worker, new Worker.Leave());
    assertThat(told).isEmpty();
    leave(worker);
    begun(finishing);
  }

  @Test
  void oneThatLeavesIsToldToStopTheAttemptSinceItMayStay() {
    attemptContinues = true;
    reconcile(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Leave());
    reconcile(STOP);
    tells(worker, ABORT);
    attemptContinues = false;
    becomeNothing();
    tells(worker, new Worker.Release());
  }

  @Test
  void oneThatWasGoneWhenItWasToldToStopTheAttemptIsReplaced() {
    attemptContinues = true;
    reconcile(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Leave());
    reconcile(STOP);
    tells(worker, ABORT);
    leave(worker);
    begun(STOP);
  }

  @Test
  void oneThatReportedTheEndInsteadOfLeavingCleansUp() {
    attemptContinues = true;
    reconcile(FIRST);
    var worker = begun(FIRST);
    becomeNothing();
    tells(worker, new Worker.Leave());
    reconcile(FIRST);
    attemptContinues = false;
    becomeNothing();
    tells(worker, new Worker.Release());
    leave(worker);
    assertThat(told).isEmpty();
  }

  private void reconcile(Assignment wanted) {
    workers.reconcile(NODE, Optional.of(wanted));
  }

  private void becomeNothing() {
    workers.reconcile(NODE, Optional.empty());
  }

  private int begun(Assignment assignment) {
    var first = told.remove();
    assertThat(first.what()).isEqualTo(assignment);
    return first.worker();
  }

  private void tells(int worker, Worker.Message message) {
    assertThat(told.remove()).isEqualTo(new Told(worker, message));
  }

  private void leave(int worker) {
    workers.gone(worker);
  }

  /** Workers are numbered in the order of their start. */
  private final class NotingSpawner implements NodeWorkers.WorkerSpawner<Integer> {
    private int started;

    @Override
    public Integer start(Assignment assignment) {
      told.add(new Told(++started, assignment));
      return started;
    }

    @Override
    public void tell(Integer worker, Worker.Message message) {
      told.add(new Told(worker, message));
    }
  }

  private static Assignment finishing() {
    return assignment(
        FIRST.work(),
        Optional.of(GraphState.opened(PLAN.root(), new Subgraph.SubWorkflow(), Values.NONE)));
  }

  private static Assignment assignment(Work.NodeWork work) {
    return assignment(work, Optional.empty());
  }

  private static Assignment assignment(Work.NodeWork work, Optional<GraphState> finished) {
    return new Assignment(
        new AcceptedExecution(
            new ExecutionId("p", "d", "e"),
            1,
            PLAN.digest(),
            Values.NONE,
            ExecutionSettings.DEFAULT,
            ByteString.EMPTY,
            Instant.EPOCH,
            0,
            List.of()),
        PLAN,
        NODE,
        "a",
        TestingPlans.task("a", NodePolicy.DEFAULT),
        work,
        Optional.empty(),
        Optional.empty(),
        finished,
        Map.of(),
        Progress.NONE,
        false,
        1,
        Instant.EPOCH);
  }
}
