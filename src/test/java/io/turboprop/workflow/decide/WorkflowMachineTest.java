package io.turboprop.workflow.decide;

import static io.turboprop.workflow.decide.MachineRow.row;
import static io.turboprop.workflow.state.Facts.NARROW;
import static io.turboprop.workflow.state.Facts.NOW;
import static io.turboprop.workflow.state.Facts.SYSTEM;
import static io.turboprop.workflow.state.Facts.USER;
import static io.turboprop.workflow.state.Facts.abort;
import static io.turboprop.workflow.state.Facts.aborted;
import static io.turboprop.workflow.state.Facts.aborting;
import static io.turboprop.workflow.state.Facts.failed;
import static io.turboprop.workflow.state.Facts.failing;
import static io.turboprop.workflow.state.Facts.fails;
import static io.turboprop.workflow.state.Facts.hasStopped;
import static io.turboprop.workflow.state.Facts.lookAgain;
import static io.turboprop.workflow.state.Facts.queued;
import static io.turboprop.workflow.state.Facts.recovered;
import static io.turboprop.workflow.state.Facts.recovers;
import static io.turboprop.workflow.state.Facts.retrying;
import static io.turboprop.workflow.state.Facts.running;
import static io.turboprop.workflow.state.Facts.runs;
import static io.turboprop.workflow.state.Facts.skipped;
import static io.turboprop.workflow.state.Facts.start;
import static io.turboprop.workflow.state.Facts.started;
import static io.turboprop.workflow.state.Facts.succeeded;
import static io.turboprop.workflow.state.Facts.succeeding;
import static io.turboprop.workflow.state.Facts.succeeds;
import static io.turboprop.workflow.state.Facts.tick;
import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import io.turboprop.workflow.state.WorkflowState.Running;
import io.turboprop.workflow.state.WorkflowState.Succeeding;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The machine by tables: given these events, when a command comes, then these events. */
final class WorkflowMachineTest {

  static Stream<MachineRow> rows() {
    return Stream.of(
        row("the start makes the first node queued")
            .when(start(NARROW))
            .then(started(NARROW), queued("a")),
        row("an execution that has not started can't be aborted")
            .when(abort())
            .refused(Decision.Reason.NOT_STARTED),
        row("a tick before the start means nothing").when(tick()).then(),
        row("a report before the start means nothing").when(succeeds("a")).then(),
        row("nothing starts twice")
            .given(started(NARROW), queued("a"))
            .when(start(NARROW))
            .refused(Decision.Reason.ALREADY_STARTED),
        row("a node that has succeeded makes the next one queued")
            .given(started(NARROW), queued("a"))
            .when(succeeds("a"))
            .then(succeeded("a"), queued("b")),
        row("the last node's success is the execution's")
            .given(started(NARROW), queued("a"), succeeded("a"), queued("b"))
            .when(succeeds("b"))
            .then(
                succeeded("b"),
                succeeded(PlanNode.END, outputs()),
                succeeding(),
                succeeded(outputs())),
        row("a late report changes nothing")
            .plan(retried(2))
            .given(started(NARROW), queued("a"), retrying("a", USER, NOW))
            .when(succeeds("a"))
            .then(),
        row("a repeated report changes nothing")
            .given(started(NARROW), queued("a"), succeeded("a"), queued("b"))
            .when(succeeds("a"))
            .then(),
        row("a report about a node that is not there changes nothing")
            .given(started(NARROW), queued("a"))
            .when(succeeds("zz"))
            .then(),
        row("a report about a node that waits changes nothing")
            .given(started(NARROW), queued("a"))
            .when(succeeds("b"))
            .then(),
        row("progress is recorded")
            .given(started(NARROW), queued("a"))
            .when(runs("a"))
            .then(running("a", 5)),
        row("progress that is known is not recorded again")
            .given(started(NARROW), queued("a"), running("a", 5))
            .when(runs("a"))
            .then(),
        row("a tick that comes too early changes nothing")
            .given(started(NARROW), queued("a"))
            .when(tick())
            .then(),
        row("what was told to nobody who sleeps changes nothing")
            .given(started(NARROW), queued("a"))
            .when(lookAgain("a", "b", "zz"))
            .then(),
        row("an abort stops what runs first")
            .given(started(NARROW), queued("a"))
            .when(abort())
            .then(aborting()),
        row("the abort is over when all is stopped")
            .given(started(NARROW), queued("a"), aborting())
            .when(hasStopped("a"))
            .then(aborted("a", "why"), aborted()),
        row("what succeeds while being stopped has succeeded, and nothing follows")
            .given(started(NARROW), queued("a"), aborting())
            .when(succeeds("a"))
            .then(succeeded("a"), aborted()),
        row("a second abort changes nothing")
            .given(started(NARROW), queued("a"), aborting())
            .when(new WorkflowCommand.Abort("again"))
            .then(),
        row("nobody asked for this abort")
            .given(started(NARROW), queued("a"))
            .when(hasStopped("a"))
            .then(),
        row("parallelism holds the second of two back")
            .plan(pair(FailurePolicy.FAIL_IMMEDIATELY))
            .when(start(NARROW))
            .then(started(NARROW), queued("a")),
        row("and lets it go when a place is free")
            .plan(pair(FailurePolicy.FAIL_IMMEDIATELY))
            .given(started(NARROW), queued("a"))
            .when(succeeds("a"))
            .then(succeeded("a"), queued("b")),
        row("a failure leaves the others alone if the policy says so")
            .plan(pair(FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE))
            .given(started(NARROW), queued("a"))
            .when(fails("a", USER))
            .then(failed("a", USER), queued("b")),
        row("and what waits for the failed one is skipped in the end")
            .plan(pair(FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE))
            .given(started(NARROW), queued("a"), failed("a", USER), queued("b"))
            .when(succeeds("b"))
            .then(succeeded("b"), skipped(PlanNode.END), failing(USER), failed(USER)),
        row("what an earlier execution has done is not done again")
            .given(started(NARROW), queued("a"))
            .when(recovers("a"))
            .then(recovered("a"), queued("b")),
        row("there is nothing to look at before the start").when(lookAgain("a")).then(),
        row("the last word is said in a later step if the first was too long")
            .given(
                started(NARROW),
                queued("a"),
                succeeded("a"),
                queued("b"),
                succeeded("b"),
                succeeded(PlanNode.END, outputs()),
                succeeding())
            .when(tick())
            .then(succeeded(outputs())),
        whileSucceeding("a start", start(NARROW)).refused(Decision.Reason.ALREADY_STARTED),
        whileSucceeding("an abort", abort()).refused(Decision.Reason.ALREADY_ENDED),
        whileSucceeding("a look", lookAgain("a")).then(),
        whileSucceeding("a report", succeeds("a")).then(),
        afterTheEnd("a start", start(NARROW)).refused(Decision.Reason.ALREADY_STARTED),
        afterTheEnd("an abort", abort()).refused(Decision.Reason.ALREADY_ENDED),
        afterTheEnd("a tick", tick()).then(),
        afterTheEnd("a look", lookAgain("a")).then(),
        afterTheEnd("a report", succeeds("a")).then());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void decides(MachineRow row) {
    row.check();
  }

  @Test
  void everyStateHasARowForEveryCommand() {
    Set<String> pairs = new HashSet<>();
    rows().forEach(row -> pairs.add(pair(row.state().getClass(), kind(row.when()))));
    var missing = new ArrayList<String>();
    for (var state : List.of(NotStarted.class, Running.class, Succeeding.class, Done.class)) {
      for (var command : WorkflowCommand.class.getPermittedSubclasses()) {
        if (!pairs.contains(pair(state, command))) {
          missing.add(pair(state, command));
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private static String pair(Class<?> state, Class<?> command) {
    return state.getSimpleName() + " × " + command.getSimpleName();
  }

  private static Class<?> kind(WorkflowCommand command) {
    return command instanceof NodeReport ? NodeReport.class : command.getClass();
  }

  private static MachineRow.Builder whileSucceeding(String what, WorkflowCommand command) {
    return row("while succeeding, " + what)
        .given(
            started(NARROW),
            queued("a"),
            succeeded("a"),
            queued("b"),
            succeeded("b"),
            succeeded(PlanNode.END, outputs()),
            succeeding())
        .when(command);
  }

  private static MachineRow.Builder afterTheEnd(String what, WorkflowCommand command) {
    return row("after the end, " + what)
        .given(started(NARROW), queued("a"), failed(SYSTEM))
        .when(command);
  }

  private static Values outputs() {
    var one =
        ((Values.Inline) TestingPlans.output()).literals().get(TestingPlans.OUTPUT).orElseThrow();
    return new Values.Inline(Literals.of(Map.of("a", one, "b", one)));
  }

  private static Plan retried(int attemptsMax) {
    return TestingPlans.plan(
        TestingPlans.flow(
            TestingPlans.task(
                "a", new NodePolicy(attemptsMax, Optional.empty(), Optional.empty()))));
  }

  private static Plan pair(FailurePolicy policy) {
    return TestingPlans.plan(
        List.of(TestingPlans.task("a"), TestingPlans.task("b")), Map.of(), policy);
  }
}
