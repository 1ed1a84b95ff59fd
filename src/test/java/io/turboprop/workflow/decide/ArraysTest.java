package io.turboprop.workflow.decide;

import static io.turboprop.workflow.decide.MachineRow.row;
import static io.turboprop.workflow.plan.TestingPlans.array;
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
import static io.turboprop.workflow.state.Facts.resolves;
import static io.turboprop.workflow.state.Facts.retrying;
import static io.turboprop.workflow.state.Facts.sleeps;
import static io.turboprop.workflow.state.Facts.start;
import static io.turboprop.workflow.state.Facts.succeeded;
import static io.turboprop.workflow.state.Facts.succeeds;

import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.WorkflowEvent;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Arrays: how many elements run at once, how many may fail, how they end. */
final class ArraysTest {

  static Stream<MachineRow> rows() {
    return Stream.of(
        row("elements begin up to the array's parallelism")
            .plan(plan(flow(array("m", 2))))
            .after(start(WIDE))
            .when(opens("m", new Subgraph.ArrayElements(3)))
            .then(opened("m", new Subgraph.ArrayElements(3)), queued("m/0/n0"), queued("m/0/n1")),
        row("the next begins when one has ended")
            .plan(plan(flow(array("m", 2))))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(3)))
            .when(succeeds("m/0/n1"))
            .then(succeeded("m/0/n1"), queued("m/0/n2")),
        row("the engine's bound holds for an array without one")
            .plan(plan(flow(array("m", 0))))
            .after(start(WIDE))
            .when(opens("m", new Subgraph.ArrayElements(12)))
            .then(
                Stream.concat(
                        Stream.of(opened("m", new Subgraph.ArrayElements(12))),
                        IntStream.range(0, WIDE.elementsMax()).mapToObj(i -> queued("m/0/n" + i)))
                    .toArray(WorkflowEvent[]::new)),
        row("an array takes one place, whatever runs in it")
            .plan(plan(flow(array("m", 0), task("t"))))
            .after(start(NARROW))
            .when(opens("m", new Subgraph.ArrayElements(2)))
            .then(opened("m", new Subgraph.ArrayElements(2)), queued("m/0/n0"), queued("m/0/n1")),
        row("and keeps it until it has ended")
            .plan(plan(flow(array("m", 0), task("t"))))
            .after(start(NARROW), opens("m", new Subgraph.ArrayElements(1)), succeeds("m/0/n0"))
            .when(succeeds("m"))
            .then(succeeded("m"), queued("t")),
        row("after its last element a worker sees to what they made")
            .plan(plan(flow(array("m", 0))))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(2)), succeeds("m/0/n1"))
            .when(succeeds("m/0/n0"))
            .then(succeeded("m/0/n0"), graphEnded("m")),
        row("and says how the array has ended")
            .plan(plan(flow(array("m", 0), reading(task("d"), List.of("m")))))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(1)), succeeds("m/0/n0"))
            .when(succeeds("m"))
            .then(succeeded("m"), queued("d")),
        row("an array of nothing has ended at once")
            .plan(plan(flow(array("m", 0))))
            .after(start(WIDE))
            .when(opens("m", new Subgraph.ArrayElements(0)))
            .then(opened("m", new Subgraph.ArrayElements(0)), graphEnded("m")),
        row("or failed if it was to have successes")
            .plan(atLeast(OptionalInt.of(1), 1))
            .after(start(WIDE))
            .when(opens("m", new Subgraph.ArrayElements(0)))
            .then(
                opened("m", new Subgraph.ArrayElements(0)),
                graphFailing("m", failure("")),
                failed("m", failure("")),
                failing(failure("")),
                failed(failure(""))),
        row("one failure too many stops the array at once")
            .plan(plan(flow(array("m", 0))))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(3)))
            .when(fails("m/0/n1", USER))
            .then(failed("m/0/n1", USER), graphFailing("m", failure("[1]: no\n"))),
        row("and it fails when all has been stopped")
            .plan(plan(flow(array("m", 0))))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(2)), fails("m/0/n1", USER))
            .when(hasStopped("m/0/n0"))
            .then(
                aborted("m/0/n0", "the graph failed: [1]: no\n"),
                failed("m", failure("[1]: no\n")),
                failing(failure("[1]: no\n")),
                failed(failure("[1]: no\n"))),
        row("failures that the ratio allows stop nothing")
            .plan(atLeast(OptionalInt.empty(), 0.5))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(4)), fails("m/0/n0", USER))
            .when(fails("m/0/n1", USER))
            .then(failed("m/0/n1", USER)),
        row("but one more does, and the error tells of all")
            .plan(atLeast(OptionalInt.empty(), 0.5))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(4)))
            .after(fails("m/0/n0", USER), fails("m/0/n1", USER))
            .when(fails("m/0/n3", SYSTEM))
            .then(failed("m/0/n3", SYSTEM), graphFailing("m", failure("[3]: gone\n[0-1]: no\n"))),
        row("a number of successes beats the ratio, and the others are waited for")
            .plan(atLeast(OptionalInt.of(1), 1))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(3)))
            .after(fails("m/0/n0", USER), succeeds("m/0/n1"))
            .when(fails("m/0/n2", USER))
            .then(failed("m/0/n2", USER), graphEnded("m")),
        row("an element that is tried again gives its turn to no other")
            .plan(plan(flow(array("m", 1))))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(2)))
            .when(failsPerhaps("m/0/n0", SYSTEM))
            .then(retrying("m/0/n0", SYSTEM, NOW.plusSeconds(1))),
        row("a size that is told twice opens one array")
            .plan(plan(flow(array("m", 0))))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(2)), succeeds("m/0/n0"))
            .when(opens("m", new Subgraph.ArrayElements(2)))
            .then(),
        row("a worker of the array that is heard late says nothing about its elements")
            .plan(plan(flow(array("m", 0))))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(2)))
            .when(sleeps("m"))
            .then(),
        row("nor can it be opened again when its elements have ended")
            .plan(plan(flow(array("m", 0))))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(1)), succeeds("m/0/n0"))
            .when(opens("m", new Subgraph.ArrayElements(1)))
            .then(),
        row("an array that is being aborted is not opened")
            .plan(plan(flow(array("m", 0))))
            .after(start(WIDE), abort())
            .when(opens("m", new Subgraph.ArrayElements(2)))
            .then(),
        row("an aborted array ends after its elements")
            .plan(plan(flow(array("m", 0))))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(2)), abort())
            .after(hasStopped("m/0/n1"))
            .when(hasStopped("m/0/n0"))
            .then(aborted("m/0/n0", "why"), aborted("m", "why"), aborted()),
        row("elements with graphs inside leave the array's place to the nodes in them")
            .plan(plan(flow(overSubWorkflows(), task("t"))))
            .after(start(NARROW), opens("m", new Subgraph.ArrayElements(2)))
            .after(resolves("m/0/n0"), resolves("m/0/n1"))
            .when(succeeds("t"))
            .then(succeeded("t"), queued("m/0/n0/0/x")),
        row("an element with a graph inside that fails is one failure")
            .plan(plan(flow(overSubWorkflows())))
            .after(start(WIDE), opens("m", new Subgraph.ArrayElements(1)), resolves("m/0/n0"))
            .when(fails("m/0/n0/0/x", USER))
            .then(
                failed("m/0/n0/0/x", USER),
                graphFailing("m/0/n0", USER),
                failed("m/0/n0", USER),
                graphFailing("m", failure("[0]: no\n")),
                failed("m", failure("[0]: no\n")),
                failing(failure("[0]: no\n")),
                failed(failure("[0]: no\n"))),
        row("a dynamic task is no element: its nodes would wait for the array's place for ever")
            .plan(plan(flow(array("m", 0))))
            .after(start(NARROW), opens("m", new Subgraph.ArrayElements(2)))
            .when(opens("m/0/n0", new Subgraph.Dynamic("made")))
            .then(
                failed("m/0/n0", notDynamic("m/0/n0")),
                graphFailing("m", failure("[0]: " + notDynamic("m/0/n0").message() + "\n"))));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void decides(MachineRow row) {
    row.check();
  }

  private static Plan atLeast(OptionalInt successesMin, double ratio) {
    return plan(flow(node("m", array(0, successesMin, ratio), NodePolicy.DEFAULT)));
  }

  private static PlanNode overSubWorkflows() {
    var element = subWorkflow("element", flow(task("x")));
    return node("m", array(element, 2, OptionalInt.empty(), 1), NodePolicy.DEFAULT);
  }

  private static ExecutionError failure(String message) {
    return new ExecutionError("ArrayNodeFailing", message, ExecutionError.Kind.UNKNOWN);
  }

  private static ExecutionError notDynamic(String element) {
    return ExecutionError.user(
        "DynamicWorkflowBuildFailed", "a dynamic task can't be an element of an array: " + element);
  }
}
