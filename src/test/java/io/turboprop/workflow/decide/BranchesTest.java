package io.turboprop.workflow.decide;

import static io.turboprop.workflow.decide.MachineRow.row;
import static io.turboprop.workflow.plan.TestingPlans.branch;
import static io.turboprop.workflow.plan.TestingPlans.flow;
import static io.turboprop.workflow.plan.TestingPlans.output;
import static io.turboprop.workflow.plan.TestingPlans.plan;
import static io.turboprop.workflow.plan.TestingPlans.reading;
import static io.turboprop.workflow.plan.TestingPlans.task;
import static io.turboprop.workflow.plan.TestingPlans.values;
import static io.turboprop.workflow.state.Facts.NARROW;
import static io.turboprop.workflow.state.Facts.USER;
import static io.turboprop.workflow.state.Facts.WIDE;
import static io.turboprop.workflow.state.Facts.abort;
import static io.turboprop.workflow.state.Facts.aborted;
import static io.turboprop.workflow.state.Facts.aborting;
import static io.turboprop.workflow.state.Facts.failed;
import static io.turboprop.workflow.state.Facts.failing;
import static io.turboprop.workflow.state.Facts.fails;
import static io.turboprop.workflow.state.Facts.graphFailing;
import static io.turboprop.workflow.state.Facts.hasStopped;
import static io.turboprop.workflow.state.Facts.opened;
import static io.turboprop.workflow.state.Facts.queued;
import static io.turboprop.workflow.state.Facts.resolves;
import static io.turboprop.workflow.state.Facts.skipped;
import static io.turboprop.workflow.state.Facts.start;
import static io.turboprop.workflow.state.Facts.started;
import static io.turboprop.workflow.state.Facts.succeeded;
import static io.turboprop.workflow.state.Facts.succeeding;
import static io.turboprop.workflow.state.Facts.succeeds;

import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Branches: which arm is taken, what it waits for, what becomes of the others. */
final class BranchesTest {

  static Stream<MachineRow> rows() {
    return Stream.of(
        row("the arm whose condition holds is taken, and the others are skipped")
            .plan(xOrElseY())
            .after(start(NARROW))
            .when(succeeds("a"))
            .then(
                succeeded("a"),
                opened("br", values(Map.of("a", 1)), new Subgraph.BranchArm("x")),
                skipped("br/0/y"),
                queued("br/0/x")),
        row("the arm's end is the end of the branch")
            .plan(xOrElseY())
            .after(start(NARROW), succeeds("a"))
            .when(succeeds("br/0/x"))
            .then(succeeded("br/0/x"), succeeded("br"), queued("d")),
        row("the last arm is taken when no condition holds")
            .plan(xOrElseY())
            .after(start(NARROW))
            .when(succeeds("a", values(Map.of("o", 2))))
            .then(
                succeeded("a", values(Map.of("o", 2))),
                opened("br", values(Map.of("a", 2)), new Subgraph.BranchArm("y")),
                skipped("br/0/x"),
                queued("br/0/y")),
        row("a branch without an arm to take fails")
            .plan(plan(flow(task("a"), asking("a", Optional.empty(), task("x")))))
            .after(start(NARROW))
            .when(succeeds("a", values(Map.of("o", 2))))
            .then(
                succeeded("a", values(Map.of("o", 2))),
                failed("br", TestingPlans.NO_ARM),
                failing(TestingPlans.NO_ARM),
                failed(TestingPlans.NO_ARM)),
        row("a branch that asks for an input that it has not got fails")
            .plan(plan(flow(branch("br", List.of("zz"), Optional.empty(), task("x")))))
            .when(start(NARROW))
            .then(
                started(NARROW),
                failed("br", malformed("the branch has no input 'zz'")),
                failing(malformed("the branch has no input 'zz'")),
                failed(malformed("the branch has no input 'zz'"))),
        row("inputs that are not at hand are read by a worker")
            .plan(xOrElseY())
            .after(start(NARROW))
            .when(succeeds("a", LARGE))
            .then(succeeded("a", LARGE), queued("br")),
        row("and decide as any others do")
            .plan(xOrElseY())
            .after(start(NARROW), succeeds("a", LARGE))
            .when(resolves("br", values(Map.of("a", 1))))
            .then(
                opened("br", values(Map.of("a", 1)), new Subgraph.BranchArm("x")),
                skipped("br/0/y"),
                queued("br/0/x")),
        row("but what can't be read as a whole can't be compared")
            .plan(xOrElseY())
            .after(start(NARROW), succeeds("a", LARGE))
            .when(resolves("br", LARGE))
            .then(failed("br", tooLarge()), failing(tooLarge()), failed(tooLarge())),
        row("an arm waits for a node outside of the branch that it reads")
            .plan(armReads("c"))
            .after(start(WIDE))
            .when(succeeds("a"))
            .then(
                succeeded("a"),
                opened("br", values(Map.of("a", 1)), new Subgraph.BranchArm("x")),
                skipped("br/0/y")),
        row("and runs when that has succeeded")
            .plan(armReads("c"))
            .after(start(WIDE), succeeds("a"))
            .when(succeeds("c"))
            .then(succeeded("c"), queued("br/0/x")),
        row("or at once if it had before")
            .plan(armReads("c"))
            .after(start(WIDE), succeeds("c"))
            .when(succeeds("a"))
            .then(
                succeeded("a"),
                opened("br", values(Map.of("a", 1)), new Subgraph.BranchArm("x")),
                skipped("br/0/y"),
                queued("br/0/x")),
        row("an arm that reads what has failed is skipped, and its branch makes nothing")
            .plan(plan(armReads(FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE)))
            .after(start(WIDE), succeeds("a"))
            .when(fails("c", USER))
            .then(
                failed("c", USER),
                skipped("br/0/x"),
                succeeded("br", Values.NONE),
                skipped(PlanNode.END),
                failing(USER),
                failed(USER)),
        row("the arm of an inner branch waits too")
            .plan(inner())
            .after(start(WIDE), succeeds("a"))
            .when(succeeds("c"))
            .then(succeeded("c"), queued("br/0/in/0/z")),
        row("the end of an inner arm is the end of both branches")
            .plan(inner())
            .after(start(WIDE), succeeds("a"), succeeds("c"))
            .when(succeeds("br/0/in/0/z"))
            .then(
                succeeded("br/0/in/0/z"),
                succeeded("br/0/in"),
                succeeded("br"),
                succeeded(PlanNode.END),
                succeeding(),
                succeeded(output())),
        row("an arm that fails fails its branch")
            .plan(xOrElseY())
            .after(start(NARROW), succeeds("a"))
            .when(fails("br/0/x", USER))
            .then(
                failed("br/0/x", USER),
                graphFailing("br", USER),
                failed("br", USER),
                failing(USER),
                failed(USER)),
        row("a branch ends as aborted when its arm has been stopped")
            .plan(xOrElseY())
            .after(start(NARROW), succeeds("a"), abort())
            .when(hasStopped("br/0/x"))
            .then(aborted("br/0/x", "why"), aborted("br", "why"), aborted()),
        row("and at once when its arm has not begun")
            .plan(armReads("c"))
            .after(start(WIDE), succeeds("a"))
            .when(abort())
            .then(aborting(), aborted("br", "why")),
        row("what is read too late opens no branch in an execution that is being stopped")
            .plan(xOrElseY())
            .after(start(NARROW), succeeds("a", LARGE), abort())
            .when(resolves("br", values(Map.of("a", 1))))
            .then());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void decides(MachineRow row) {
    row.check();
  }

  private static final Values LARGE = new Values.Stored(new DataReference("s3://b/large.pb"));

  private static Plan xOrElseY() {
    var branch = asking("a", Optional.of("y"), task("x"), task("y"));
    return plan(flow(task("a"), branch, reading(task("d"), List.of("br"))));
  }

  private static Plan armReads(String source) {
    var arm = reading(task("x"), List.of(source));
    return plan(flow(task("a"), task(source), asking("a", Optional.of("y"), arm, task("y"))));
  }

  private static Graph armReads(FailurePolicy policy) {
    var arm = reading(task("x"), List.of("c"));
    var branch = asking("a", Optional.of("y"), arm, task("y"));
    return flow(policy, Optional.empty(), task("a"), task("c"), branch);
  }

  private static Plan inner() {
    var arm = reading(task("z"), List.of("c"));
    var inner = reading(branch("in", List.of("a"), Optional.empty(), arm), List.of("a"));
    return plan(flow(task("a"), task("c"), asking("a", Optional.empty(), inner)));
  }

  /** A branch that takes its first arm when the output of this node is 1. */
  private static PlanNode asking(String source, Optional<String> otherwise, PlanNode... arms) {
    return reading(branch("br", List.of(source), otherwise, arms), List.of(source));
  }

  private static ExecutionError malformed(String message) {
    return ExecutionError.user("MalformedBranchUserError", "[MalformedBranchUserError] " + message);
  }

  private static ExecutionError tooLarge() {
    return malformed("the values to compare are too large to be compared");
  }
}
