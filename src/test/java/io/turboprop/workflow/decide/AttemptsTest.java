package io.turboprop.workflow.decide;

import static io.turboprop.workflow.decide.MachineRow.row;
import static io.turboprop.workflow.state.Facts.NARROW;
import static io.turboprop.workflow.state.Facts.NOW;
import static io.turboprop.workflow.state.Facts.SYSTEM;
import static io.turboprop.workflow.state.Facts.USER;
import static io.turboprop.workflow.state.Facts.abort;
import static io.turboprop.workflow.state.Facts.aborted;
import static io.turboprop.workflow.state.Facts.activeTimeout;
import static io.turboprop.workflow.state.Facts.asleep;
import static io.turboprop.workflow.state.Facts.awoken;
import static io.turboprop.workflow.state.Facts.executionTimeout;
import static io.turboprop.workflow.state.Facts.exhausted;
import static io.turboprop.workflow.state.Facts.expired;
import static io.turboprop.workflow.state.Facts.failed;
import static io.turboprop.workflow.state.Facts.failing;
import static io.turboprop.workflow.state.Facts.fails;
import static io.turboprop.workflow.state.Facts.failsPerhaps;
import static io.turboprop.workflow.state.Facts.hasStopped;
import static io.turboprop.workflow.state.Facts.lookAgain;
import static io.turboprop.workflow.state.Facts.opens;
import static io.turboprop.workflow.state.Facts.path;
import static io.turboprop.workflow.state.Facts.progress;
import static io.turboprop.workflow.state.Facts.queued;
import static io.turboprop.workflow.state.Facts.recovered;
import static io.turboprop.workflow.state.Facts.recovers;
import static io.turboprop.workflow.state.Facts.requeued;
import static io.turboprop.workflow.state.Facts.resolves;
import static io.turboprop.workflow.state.Facts.retrying;
import static io.turboprop.workflow.state.Facts.runs;
import static io.turboprop.workflow.state.Facts.sleeps;
import static io.turboprop.workflow.state.Facts.start;
import static io.turboprop.workflow.state.Facts.started;
import static io.turboprop.workflow.state.Facts.succeeded;
import static io.turboprop.workflow.state.Facts.succeeds;
import static io.turboprop.workflow.state.Facts.tick;
import static io.turboprop.workflow.state.Facts.timedOut;
import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.Expiry;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The attempts of one node: what they fail of, how long they take, what they sleep for. */
final class AttemptsTest {
  private static final ExecutionError LONG = ExecutionError.user("Error", "x".repeat(200_000));

  static Stream<MachineRow> rows() {
    return Stream.of(
        row("a user error without a budget is final and fails the execution")
            .given(started(NARROW), queued("a"))
            .when(failsPerhaps("a", USER))
            .then(
                failed("a", exhausted(USER, 1, 1)),
                failing(exhausted(USER, 1, 1)),
                failed(exhausted(USER, 1, 1))),
        row("of an error with a very long message the middle is left out")
            .plan(retried(2))
            .given(started(NARROW), queued("a"))
            .when(failsPerhaps("a", LONG))
            .then(retrying("a", LONG.trimmed(100 * 1024), NOW)),
        row("a user error is tried again at once while the budget lasts")
            .plan(retried(2))
            .given(started(NARROW), queued("a"))
            .when(failsPerhaps("a", USER))
            .then(retrying("a", USER, NOW)),
        row("an error that no attempt can cure is final whatever the budget")
            .plan(retried(5))
            .given(started(NARROW), queued("a"))
            .when(fails("a", USER))
            .then(failed("a", USER), failing(USER), failed(USER)),
        row("an error of the platform has a budget of its own and a pause")
            .given(started(NARROW), queued("a"))
            .when(failsPerhaps("a", SYSTEM))
            .then(retrying("a", SYSTEM, NOW.plusSeconds(1))),
        row("the platform's budget ends too")
            .given(
                started(NARROW),
                queued("a"),
                retrying("a", SYSTEM, NOW.plusSeconds(1)),
                requeued("a", 1))
            .when(new NodeReport.Failed(path("a"), 1, SYSTEM, true, AttemptSummary.NONE))
            .then(
                failed("a", 1, exhausted(SYSTEM, 1, 1)),
                failing(exhausted(SYSTEM, 1, 1)),
                failed(exhausted(SYSTEM, 1, 1))),
        row("while the pause lasts nothing happens")
            .after(start(NARROW), failsPerhaps("a", SYSTEM))
            .when(tick())
            .then(),
        row("a pause that is over ends with a tick")
            .earlier(Duration.ofSeconds(1))
            .after(start(NARROW), failsPerhaps("a", SYSTEM))
            .when(tick())
            .then(requeued("a", 1)),
        row("an attempt that slept is looked at again in time")
            .given(
                started(NARROW),
                queued("a"),
                new WorkflowEvent.NodeRunning(
                    path("a"), 0, progress(5), Optional.of(NOW), NOW.minusSeconds(1)))
            .when(tick())
            .then(awoken("a")),
        row("an attempt that takes too long is stopped")
            .plan(limited(Duration.ofSeconds(1)))
            .earlier(Duration.ofSeconds(1))
            .after(start(NARROW), runs("a"))
            .when(tick())
            .then(expired("a", Expiry.EXECUTION, executionTimeout())),
        row("waiting for a place is no running time")
            .plan(limited(Duration.ofSeconds(1)))
            .given(
                started(NARROW),
                queued("a"),
                new WorkflowEvent.NodeRunning(
                    path("a"), 0, progress(2), Optional.empty(), NOW.minusSeconds(1)))
            .when(tick())
            .then(),
        row("an attempt that has been stopped for its time is a user error")
            .plan(limited(Duration.ofSeconds(1)))
            .given(started(NARROW), queued("a"), expired("a", Expiry.EXECUTION, executionTimeout()))
            .when(hasStopped("a"))
            .then(
                failed("a", exhausted(executionTimeout(), 1, 1)),
                failing(exhausted(executionTimeout(), 1, 1)),
                failed(exhausted(executionTimeout(), 1, 1))),
        row("in journals of earlier versions all attempts together have a limit")
            .plan(limited(Duration.ofSeconds(1)))
            .given(started(NARROW), queued("a"), expired("a", Expiry.ACTIVE, activeTimeout()))
            .when(hasStopped("a"))
            .then(
                timedOut("a", activeTimeout()), failing(activeTimeout()), failed(activeTimeout())),
        row("an attempt that is being stopped for its time can't succeed any more")
            .plan(limited(Duration.ofSeconds(1)))
            .given(started(NARROW), queued("a"), expired("a", Expiry.EXECUTION, executionTimeout()))
            .when(succeeds("a"))
            .then(),
        row("inputs of a graph mean nothing while the attempt is being stopped")
            .given(started(NARROW), queued("a"), expired("a", Expiry.ACTIVE, activeTimeout()))
            .when(resolves("a"))
            .then(),
        row("a graph made by a task means nothing while the attempt is being stopped")
            .given(started(NARROW), queued("a"), expired("a", Expiry.ACTIVE, activeTimeout()))
            .when(opens("a", new Subgraph.ArrayElements(3)))
            .then(),
        row("a node that sleeps is looked at again when it is told to")
            .given(started(NARROW), queued("a"), asleep("a"))
            .when(lookAgain("a", "b"))
            .then(awoken("a")),
        row("a node that is awake need not be told")
            .given(started(NARROW), queued("a"))
            .when(lookAgain("a"))
            .then(),
        row("something else that was to happen does not wake a node")
            .after(start(NARROW), sleeps("a"))
            .when(tick())
            .then(),
        row("a sleeping node may end without having been told")
            .after(start(NARROW), sleeps("a"))
            .when(succeeds("a"))
            .then(succeeded("a"), queued("b")),
        row("a sleeping node is stopped when the execution is aborted")
            .after(start(NARROW), sleeps("a"), abort())
            .when(hasStopped("a"))
            .then(aborted("a", "why"), aborted()),
        row("a node that an earlier execution had done while this one wants it stopped was done")
            .after(start(NARROW), abort())
            .when(recovers("a"))
            .then(recovered("a"), aborted()),
        row("inputs of a graph mean nothing to an attempt that another has followed")
            .plan(retried(2))
            .after(start(NARROW), failsPerhaps("a", USER))
            .when(resolves("a"))
            .then());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void decides(MachineRow row) {
    row.check();
  }

  @Test
  void everyReportHasARow() {
    var seen = new HashSet<Class<?>>();
    rows().forEach(row -> seen.add(row.when().getClass()));
    WorkflowMachineTest.rows().forEach(row -> seen.add(row.when().getClass()));
    assertThat(seen).containsAll(Arrays.asList(NodeReport.class.getPermittedSubclasses()));
  }

  private static Plan retried(int attemptsMax) {
    return single(new NodePolicy(attemptsMax, Optional.empty(), Optional.empty()));
  }

  private static Plan limited(Duration timeout) {
    return single(new NodePolicy(0, Optional.of(timeout), Optional.empty()));
  }

  private static Plan single(NodePolicy policy) {
    return TestingPlans.plan(TestingPlans.flow(TestingPlans.task("a", policy)));
  }
}
