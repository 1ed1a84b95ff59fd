package io.turboprop.workflow.decide;

import static io.turboprop.workflow.decide.MachineRow.row;
import static io.turboprop.workflow.plan.TestingPlans.flow;
import static io.turboprop.workflow.plan.TestingPlans.plan;
import static io.turboprop.workflow.plan.TestingPlans.reading;
import static io.turboprop.workflow.plan.TestingPlans.task;
import static io.turboprop.workflow.state.Facts.NARROW;
import static io.turboprop.workflow.state.Facts.NOW;
import static io.turboprop.workflow.state.Facts.SYSTEM;
import static io.turboprop.workflow.state.Facts.USER;
import static io.turboprop.workflow.state.Facts.abort;
import static io.turboprop.workflow.state.Facts.aborted;
import static io.turboprop.workflow.state.Facts.failed;
import static io.turboprop.workflow.state.Facts.failing;
import static io.turboprop.workflow.state.Facts.fails;
import static io.turboprop.workflow.state.Facts.failsPerhaps;
import static io.turboprop.workflow.state.Facts.graphEnded;
import static io.turboprop.workflow.state.Facts.graphFailing;
import static io.turboprop.workflow.state.Facts.hasStopped;
import static io.turboprop.workflow.state.Facts.opened;
import static io.turboprop.workflow.state.Facts.opens;
import static io.turboprop.workflow.state.Facts.queued;
import static io.turboprop.workflow.state.Facts.requeued;
import static io.turboprop.workflow.state.Facts.retrying;
import static io.turboprop.workflow.state.Facts.start;
import static io.turboprop.workflow.state.Facts.succeeded;
import static io.turboprop.workflow.state.Facts.succeeds;
import static io.turboprop.workflow.state.Facts.tick;

import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.WorkflowEvent.Permit;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dynamic nodes: tasks that make a graph at run time. */
final class DynamicNodesTest {

  static Stream<MachineRow> rows() {
    return Stream.of(
        row("the graph that a task has made is walked")
            .plans(dynamic(), made())
            .after(start(NARROW))
            .when(opens("a", EXPANDED))
            .then(opened("a", EXPANDED), queued("a/0/x")),
        row("a worker sees to what it made")
            .plans(dynamic(), made())
            .after(start(NARROW), opens("a", EXPANDED))
            .when(succeeds("a/0/x"))
            .then(succeeded("a/0/x"), succeeded("a/0/end-node"), graphEnded("a")),
        row("and says how the node has ended")
            .plans(dynamic(), made())
            .after(start(NARROW), opens("a", EXPANDED), succeeds("a/0/x"))
            .when(succeeds("a"))
            .then(succeeded("a"), queued("d")),
        row("a graph of nothing has ended at once")
            .plans(dynamic(), plan("made", flow()))
            .after(start(NARROW))
            .when(opens("a", EXPANDED))
            .then(opened("a", EXPANDED), succeeded("a/0/end-node"), graphEnded("a")),
        row("a graph that fails fails its node for good")
            .plans(dynamic(), made())
            .after(start(NARROW), opens("a", EXPANDED))
            .when(fails("a/0/x", USER))
            .then(
                failed("a/0/x", USER),
                graphFailing("a", USER),
                failed("a", USER),
                failing(USER),
                failed(USER)),
        row("a graph can be made inside a graph that was made")
            .plans(dynamic(), made())
            .after(start(NARROW), opens("a", EXPANDED))
            .when(opens("a/0/x", EXPANDED))
            .then(opened("a/0/x", EXPANDED), queued("a/0/x/0/x")),
        row("a graph that is told of twice is opened once")
            .plans(dynamic(), made())
            .after(start(NARROW), opens("a", EXPANDED))
            .when(opens("a", EXPANDED))
            .then(),
        row("what the task says late does not end its graph")
            .plans(dynamic(), made())
            .after(start(NARROW), opens("a", EXPANDED))
            .when(succeeds("a"))
            .then(),
        row("nor what is said when its worker breaks")
            .plans(dynamic(), made())
            .after(start(NARROW), opens("a", EXPANDED))
            .when(failsPerhaps("a", SYSTEM))
            .then(),
        row("the task has left its permit to the nodes of its graph, and asks for another")
            .plans(crowded(), made())
            .after(start(NARROW), opens("a", EXPANDED), succeeds("t"), succeeds("a/0/x"))
            .when(failsPerhaps("a", USER))
            .then(retrying("a", USER, NOW, Permit.RELEASED)),
        row("when it has it the next attempt begins")
            .plans(crowded(), made())
            .after(start(NARROW), opens("a", EXPANDED), succeeds("t"), succeeds("a/0/x"))
            .after(failsPerhaps("a", USER))
            .when(succeeds("u"))
            .then(succeeded("u"), requeued("a", 1)),
        row("it asks only after a pause")
            .plans(crowded(), made())
            .earlier(Duration.ofSeconds(1))
            .after(start(NARROW), opens("a", EXPANDED), succeeds("t"), succeeds("a/0/x"))
            .after(failsPerhaps("a", SYSTEM))
            .when(tick())
            .then(requeued("a", 1)),
        row("and then waits for it")
            .plans(crowded(), made())
            .earlier(Duration.ofSeconds(1))
            .after(start(NARROW), opens("a", EXPANDED), succeeds("t"), succeeds("a/0/x"))
            .after(failsPerhaps("a", SYSTEM))
            .earlier(Duration.ZERO)
            .after(tick())
            .when(succeeds("u"))
            .then(succeeded("u"), requeued("a", 1)),
        row("while it waits it can be stopped")
            .plans(crowded(), made())
            .after(start(NARROW), opens("a", EXPANDED), succeeds("t"), succeeds("a/0/x"))
            .after(failsPerhaps("a", USER), abort())
            .when(hasStopped("a", 1))
            .then(aborted("a", 1, "why")));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void decides(MachineRow row) {
    row.check();
  }

  private static final Subgraph EXPANDED = new Subgraph.Dynamic("made");

  private static Plan made() {
    return plan("made", flow(task("x")));
  }

  private static Plan dynamic() {
    return plan(flow(task("a"), reading(task("d"), List.of("a"))));
  }

  /** While the graph of {@code a} ends, {@code u} has the only place. */
  private static Plan crowded() {
    var policy = new NodePolicy(2, Optional.empty(), Optional.empty());
    return plan(flow(task("a", policy), task("t"), reading(task("u"), List.of("t"))));
  }
}
