package io.turboprop.workflow.decide;

import static io.turboprop.workflow.decide.MachineRow.row;
import static io.turboprop.workflow.plan.TestingPlans.array;
import static io.turboprop.workflow.plan.TestingPlans.branch;
import static io.turboprop.workflow.plan.TestingPlans.flow;
import static io.turboprop.workflow.plan.TestingPlans.node;
import static io.turboprop.workflow.plan.TestingPlans.plan;
import static io.turboprop.workflow.plan.TestingPlans.reading;
import static io.turboprop.workflow.plan.TestingPlans.subWorkflow;
import static io.turboprop.workflow.plan.TestingPlans.task;
import static io.turboprop.workflow.state.Facts.NARROW;
import static io.turboprop.workflow.state.Facts.NOW;
import static io.turboprop.workflow.state.Facts.SYSTEM;
import static io.turboprop.workflow.state.Facts.USER;
import static io.turboprop.workflow.state.Facts.WIDE;
import static io.turboprop.workflow.state.Facts.abort;
import static io.turboprop.workflow.state.Facts.aborted;
import static io.turboprop.workflow.state.Facts.executionTimeout;
import static io.turboprop.workflow.state.Facts.exhausted;
import static io.turboprop.workflow.state.Facts.expired;
import static io.turboprop.workflow.state.Facts.failed;
import static io.turboprop.workflow.state.Facts.failing;
import static io.turboprop.workflow.state.Facts.fails;
import static io.turboprop.workflow.state.Facts.failsPerhaps;
import static io.turboprop.workflow.state.Facts.hasStopped;
import static io.turboprop.workflow.state.Facts.opens;
import static io.turboprop.workflow.state.Facts.queued;
import static io.turboprop.workflow.state.Facts.resolves;
import static io.turboprop.workflow.state.Facts.retrying;
import static io.turboprop.workflow.state.Facts.start;
import static io.turboprop.workflow.state.Facts.succeeded;
import static io.turboprop.workflow.state.Facts.succeeds;
import static io.turboprop.workflow.state.Facts.tick;

import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.WorkflowEvent.Expiry;
import io.turboprop.workflow.state.WorkflowEvent.Permit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nodes with graphs inside that run out of time: what runs inside is stopped first. */
final class ContainersOutOfTimeTest {

  static Stream<MachineRow> rows() {
    return Stream.of(
        row("the time of a sub-workflow counts from its opening")
            .plan(plan(flow(limited(subWorkflow("s", flow(task("x"))), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(WIDE))
            .when(tick())
            .then(expired("s", Expiry.EXECUTION, executionTimeout())),
        row("it is tried again when what runs inside has been stopped")
            .plan(plan(flow(limited(subWorkflow("s", flow(task("x"))), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(WIDE))
            .earlier(Duration.ZERO)
            .after(tick())
            .when(hasStopped("s/0/x"))
            .then(
                aborted("s/0/x", executionTimeout().message()),
                retrying("s", executionTimeout(), NOW)),
        row("or fails if it may not be")
            .plan(plan(flow(limited(subWorkflow("s", flow(task("x"))), 1))))
            .earlier(Duration.ofSeconds(1))
            .after(start(WIDE))
            .earlier(Duration.ZERO)
            .after(tick())
            .when(hasStopped("s/0/x"))
            .then(
                aborted("s/0/x", executionTimeout().message()),
                failed("s", exhausted(executionTimeout(), 1, 1)),
                failing(exhausted(executionTimeout(), 1, 1)),
                failed(exhausted(executionTimeout(), 1, 1))),
        row("nothing is waited for when nothing inside has begun")
            .plan(plan(flow(task("t"), limited(subWorkflow("s", flow(task("x"))), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(NARROW))
            .when(tick())
            .then(
                expired("s", Expiry.EXECUTION, executionTimeout()),
                retrying("s", executionTimeout(), NOW)),
        row("what is inside is not tried again at the same moment")
            .plan(plan(flow(limited(subWorkflow("s", flow(task("x"))), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(WIDE), failsPerhaps("s/0/x", SYSTEM))
            .when(tick())
            .then(expired("s", Expiry.EXECUTION, executionTimeout())),
        row("what succeeds inside while it is being stopped saves nothing")
            .plan(plan(flow(limited(subWorkflow("s", flow(task("x"))), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(WIDE))
            .earlier(Duration.ZERO)
            .after(tick())
            .when(succeeds("s/0/x"))
            .then(succeeded("s/0/x"), retrying("s", executionTimeout(), NOW)),
        row("what was inside an earlier attempt is not heard any more")
            .plan(plan(flow(limited(subWorkflow("s", flow(task("x"))), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(WIDE))
            .earlier(Duration.ZERO)
            .after(tick(), hasStopped("s/0/x"), resolves("s", 1))
            .when(succeeds("s/0/x"))
            .then(),
        row("an abort beats the next attempt")
            .plan(plan(flow(limited(subWorkflow("s", flow(task("x"))), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(WIDE))
            .earlier(Duration.ZERO)
            .after(tick(), abort())
            .when(hasStopped("s/0/x"))
            .then(
                aborted("s/0/x", executionTimeout().message()),
                failed("s", executionTimeout()),
                aborted()),
        row("a failure node has no more time than its sub-workflow")
            .plan(plan(flow(limited(subWorkflow("s", guarded()), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(WIDE), fails("s/0/x", USER))
            .when(tick())
            .then(expired("s", Expiry.EXECUTION, executionTimeout())),
        row("and the sub-workflow is tried again when it has been stopped")
            .plan(plan(flow(limited(subWorkflow("s", guarded()), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(WIDE), fails("s/0/x", USER))
            .earlier(Duration.ZERO)
            .after(tick())
            .when(hasStopped("s/0/f"))
            .then(
                aborted("s/0/f", executionTimeout().message()),
                retrying("s", executionTimeout(), NOW)),
        row("an arm that waits does not begin any more when its branch is out of time")
            .plan(
                plan(
                    flow(
                        task("c"),
                        limited(
                            branch(
                                "br",
                                List.of("zz"),
                                Optional.of("x"),
                                reading(task("x"), List.of("c"))),
                            2))))
            .after(start(WIDE))
            .given(expired("br", Expiry.EXECUTION, executionTimeout()))
            .when(succeeds("c"))
            .then(succeeded("c"), retrying("br", executionTimeout(), NOW)),
        row("the elements of an array are stopped first")
            .plan(plan(flow(limited(array("m", 1), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(NARROW), opens("m", new Subgraph.ArrayElements(3)))
            .earlier(Duration.ZERO)
            .after(tick())
            .when(hasStopped("m/0/n0"))
            .then(
                aborted("m/0/n0", executionTimeout().message()),
                retrying("m", executionTimeout(), NOW)),
        row("and those that have not begun never do")
            .plan(plan(flow(limited(array("m", 1), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(NARROW), opens("m", new Subgraph.ArrayElements(3)))
            .earlier(Duration.ZERO)
            .after(tick())
            .when(succeeds("m/0/n0"))
            .then(succeeded("m/0/n0"), retrying("m", executionTimeout(), NOW)),
        row("an array whose elements have ended is stopped by its worker")
            .plan(plan(flow(limited(array("m", 1), 2))))
            .earlier(Duration.ofSeconds(1))
            .after(start(NARROW), opens("m", new Subgraph.ArrayElements(0)))
            .earlier(Duration.ZERO)
            .after(tick())
            .when(hasStopped("m"))
            .then(retrying("m", executionTimeout(), NOW)),
        row("a dynamic node asks for a permit again")
            .plans(
                plan(flow(limited(task("a"), 2), task("t"), reading(task("u"), List.of("t")))),
                plan("made", flow(task("x"))))
            .earlier(Duration.ofSeconds(1))
            .after(start(NARROW), opens("a", new Subgraph.Dynamic("made")), succeeds("t"))
            .earlier(Duration.ZERO)
            .after(tick())
            .when(hasStopped("a/0/x"))
            .then(
                aborted("a/0/x", executionTimeout().message()),
                retrying("a", executionTimeout(), NOW, Permit.RELEASED),
                queued("u")));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void decides(MachineRow row) {
    row.check();
  }

  private static Graph guarded() {
    return flow(FailurePolicy.FAIL_IMMEDIATELY, Optional.of(task("f")), task("x"));
  }

  /** A second for each attempt. */
  private static PlanNode limited(PlanNode node, int attemptsMax) {
    return node(
        node.id(),
        node.kind(),
        new NodePolicy(attemptsMax, Optional.of(Duration.ofSeconds(1)), Optional.empty()));
  }
}
