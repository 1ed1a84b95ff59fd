package io.turboprop.workflow.decide;

import static io.turboprop.workflow.decide.MachineRow.row;
import static io.turboprop.workflow.plan.TestingPlans.array;
import static io.turboprop.workflow.plan.TestingPlans.flow;
import static io.turboprop.workflow.plan.TestingPlans.output;
import static io.turboprop.workflow.plan.TestingPlans.plan;
import static io.turboprop.workflow.plan.TestingPlans.reading;
import static io.turboprop.workflow.plan.TestingPlans.subWorkflow;
import static io.turboprop.workflow.plan.TestingPlans.task;
import static io.turboprop.workflow.plan.TestingPlans.values;
import static io.turboprop.workflow.state.Facts.NARROW;
import static io.turboprop.workflow.state.Facts.NOW;
import static io.turboprop.workflow.state.Facts.SYSTEM;
import static io.turboprop.workflow.state.Facts.USER;
import static io.turboprop.workflow.state.Facts.WIDE;
import static io.turboprop.workflow.state.Facts.abort;
import static io.turboprop.workflow.state.Facts.aborted;
import static io.turboprop.workflow.state.Facts.aborting;
import static io.turboprop.workflow.state.Facts.executionTimeout;
import static io.turboprop.workflow.state.Facts.exhausted;
import static io.turboprop.workflow.state.Facts.failed;
import static io.turboprop.workflow.state.Facts.failing;
import static io.turboprop.workflow.state.Facts.fails;
import static io.turboprop.workflow.state.Facts.failsPerhaps;
import static io.turboprop.workflow.state.Facts.graphFailing;
import static io.turboprop.workflow.state.Facts.hasStopped;
import static io.turboprop.workflow.state.Facts.opened;
import static io.turboprop.workflow.state.Facts.opens;
import static io.turboprop.workflow.state.Facts.queued;
import static io.turboprop.workflow.state.Facts.retrying;
import static io.turboprop.workflow.state.Facts.runs;
import static io.turboprop.workflow.state.Facts.start;
import static io.turboprop.workflow.state.Facts.started;
import static io.turboprop.workflow.state.Facts.succeeded;
import static io.turboprop.workflow.state.Facts.succeeding;
import static io.turboprop.workflow.state.Facts.succeeds;
import static io.turboprop.workflow.state.Facts.tick;

import flyteidl.core.Literals.BindingData;
import io.turboprop.data.Binding;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Failure nodes: when they run, what they are given, what they change. */
final class FailureNodesTest {

  static Stream<MachineRow> rows() {
    return Stream.of(
        row("a failed execution runs its failure node before it ends")
            .plan(guarded(task("f"), task("a")))
            .after(start(NARROW))
            .when(fails("a", USER))
            .then(failed("a", USER), failing(USER), queued("f")),
        row("but what still runs is stopped first")
            .plan(guarded(task("f"), task("a"), task("b")))
            .after(start(WIDE))
            .when(fails("a", USER))
            .then(failed("a", USER), failing(USER)),
        row("and then it runs")
            .plan(guarded(task("f"), task("a"), task("b")))
            .after(start(WIDE), fails("a", USER))
            .when(hasStopped("b"))
            .then(aborted("b", "the graph failed: no"), queued("f")),
        row("it saves nothing")
            .plan(guarded(task("f"), task("a")))
            .after(start(NARROW), fails("a", USER))
            .when(succeeds("f"))
            .then(succeeded("f"), failed(USER)),
        row("its own failure masks the first")
            .plan(guarded(task("f"), task("a")))
            .after(start(NARROW), fails("a", USER))
            .when(fails("f", SYSTEM))
            .then(failed("f", SYSTEM), failed(SYSTEM)),
        row("it is tried again as any other")
            .plan(guarded(task("f"), task("a")))
            .after(start(NARROW), fails("a", USER))
            .when(failsPerhaps("f", SYSTEM))
            .then(retrying("f", SYSTEM, NOW.plusSeconds(1))),
        row("that it took too long masks the first failure too")
            .plan(guarded(task("f", limited()), task("a")))
            .earlier(Duration.ofSeconds(1))
            .after(start(NARROW), fails("a", USER), runs("f"))
            .earlier(Duration.ZERO)
            .after(tick())
            .when(hasStopped("f"))
            .then(
                failed("f", exhausted(executionTimeout(), 1, 1)),
                failed(exhausted(executionTimeout(), 1, 1))),
        row("it is told why")
            .plan(guarded(reporting(), task("a")))
            .after(start(NARROW))
            .when(fails("a", USER))
            .then(
                failed("a", USER),
                failing(USER),
                opened("f", withError(), new Subgraph.SubWorkflow()),
                queued("f/0/x")),
        row("one with a graph inside is waited for")
            .plan(guarded(subWorkflow("f", flow(task("x"))), task("a")))
            .after(start(NARROW), fails("a", USER))
            .when(succeeds("f/0/x"))
            .then(succeeded("f/0/x"), succeeded("f/0/end-node"), succeeded("f"), failed(USER)),
        row("one that is an array too")
            .plan(guarded(array("f", 2), task("a")))
            .after(start(NARROW), fails("a", USER))
            .when(opens("f", new Subgraph.ArrayElements(2)))
            .then(opened("f", new Subgraph.ArrayElements(2)), queued("f/0/n0"), queued("f/0/n1")),
        row("it can be aborted while it runs")
            .plan(guarded(task("f"), task("a")))
            .after(start(NARROW), fails("a", USER))
            .when(abort())
            .then(aborting()),
        row("and the execution is aborted then")
            .plan(guarded(task("f"), task("a")))
            .after(start(NARROW), fails("a", USER), abort())
            .when(hasStopped("f"))
            .then(aborted("f", "why"), aborted()),
        row("one with a graph inside can be aborted too")
            .plan(guarded(subWorkflow("f", flow(task("x"))), task("a")))
            .after(start(NARROW), fails("a", USER), abort())
            .when(hasStopped("f/0/x"))
            .then(aborted("f/0/x", "why"), aborted("f", "why"), aborted()),
        row("an abort before its turn keeps it from running")
            .plan(guarded(task("f"), task("a"), task("b")))
            .after(start(WIDE), fails("a", USER), abort())
            .when(hasStopped("b"))
            .then(aborted("b", "why"), aborted()),
        row("an aborted execution does not run it")
            .plan(guarded(task("f"), task("a")))
            .after(start(NARROW), abort())
            .when(fails("a", USER))
            .then(failed("a", USER), aborted()),
        row("nor one that succeeds")
            .plan(guarded(task("f"), task("a")))
            .after(start(NARROW))
            .when(succeeds("a"))
            .then(succeeded("a"), succeeded(PlanNode.END), succeeding(), succeeded(output())),
        row("after an execution that has failed nothing is left to abort")
            .plan(guarded(task("f"), task("a"), task("b")))
            .given(started(WIDE), queued("a"), queued("b"), failed("a", USER), failing(USER))
            .given(aborted("b", "no"), queued("f"), succeeded("f"))
            .when(abort())
            .then(),
        row("a failed sub-workflow runs its own")
            .plan(plan(flow(subWorkflow("s", guarded("f")))))
            .after(start(NARROW))
            .when(fails("s/0/x", USER))
            .then(failed("s/0/x", USER), graphFailing("s", USER), queued("s/0/f")),
        row("and fails afterwards")
            .plan(plan(flow(subWorkflow("s", guarded("f")))))
            .after(start(NARROW), fails("s/0/x", USER))
            .when(succeeds("s/0/f"))
            .then(succeeded("s/0/f"), failed("s", USER), failing(USER), failed(USER)),
        row("with the failure node's error if that fails")
            .plan(plan(flow(subWorkflow("s", guarded("f")))))
            .after(start(NARROW), fails("s/0/x", USER))
            .when(fails("s/0/f", SYSTEM))
            .then(failed("s/0/f", SYSTEM), failed("s", SYSTEM), failing(SYSTEM), failed(SYSTEM)),
        row("a sub-workflow's failure node waits for a place")
            .plan(crowded())
            .after(start(NARROW), succeeds("u"))
            .when(fails("s/0/x", USER))
            .then(failed("s/0/x", USER), graphFailing("s", USER), queued("v")),
        row("and begins when there is one")
            .plan(crowded())
            .after(start(NARROW), succeeds("u"), fails("s/0/x", USER))
            .when(succeeds("v"))
            .then(succeeded("v"), queued("s/0/f")),
        row("but not in an execution that is being stopped")
            .plan(crowded())
            .after(start(NARROW), succeeds("u"), fails("s/0/x", USER))
            .when(fails("v", SYSTEM))
            .then(failed("v", SYSTEM), failing(SYSTEM), failed("s", USER), failed(SYSTEM)));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void decides(MachineRow row) {
    row.check();
  }

  private static Plan guarded(PlanNode failureNode, PlanNode... nodes) {
    return plan(flow(FailurePolicy.FAIL_IMMEDIATELY, Optional.of(failureNode), nodes));
  }

  private static Graph guarded(String failureNode) {
    return flow(FailurePolicy.FAIL_IMMEDIATELY, Optional.of(task(failureNode)), task("x"));
  }

  /** While {@code s/0/x} runs, {@code v} waits for its place. */
  private static Plan crowded() {
    return plan(flow(task("u"), subWorkflow("s", guarded("f")), reading(task("v"), List.of("u"))));
  }

  private static NodePolicy limited() {
    return new NodePolicy(0, Optional.of(Duration.ofSeconds(1)), Optional.empty());
  }

  /** A failure node with an input for the error. */
  private static PlanNode reporting() {
    var node = subWorkflow("f", flow(task("x")));
    var error = new Binding("err", BindingData.getDefaultInstance());
    return new PlanNode("f", "f", node.kind(), List.of(error), NodePolicy.DEFAULT);
  }

  private static Values withError() {
    var inputs = ((Values.Inline) values(Map.of("err", 0))).literals();
    return new Values.Inline(inputs.withError(USER, "a"));
  }
}
