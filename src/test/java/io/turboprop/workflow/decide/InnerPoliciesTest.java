package io.turboprop.workflow.decide;

import static io.turboprop.workflow.decide.MachineRow.row;
import static io.turboprop.workflow.plan.TestingPlans.flow;
import static io.turboprop.workflow.plan.TestingPlans.plan;
import static io.turboprop.workflow.plan.TestingPlans.subWorkflow;
import static io.turboprop.workflow.plan.TestingPlans.task;
import static io.turboprop.workflow.state.Facts.USER;
import static io.turboprop.workflow.state.Facts.WIDE;
import static io.turboprop.workflow.state.Facts.failed;
import static io.turboprop.workflow.state.Facts.fails;
import static io.turboprop.workflow.state.Facts.graphFailing;
import static io.turboprop.workflow.state.Facts.opens;
import static io.turboprop.workflow.state.Facts.start;

import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Failure policies of graphs that are inside others. */
final class InnerPoliciesTest {

  static Stream<MachineRow> rows() {
    return Stream.of(
        row("a patient sub-workflow goes on, whatever the workflow around it says")
            .plan(plan(flow(subWorkflow("s", patient()))))
            .after(start(WIDE))
            .when(fails("s/0/x", USER))
            .then(failed("s/0/x", USER)),
        row("a sub-workflow that says nothing stops at once in a patient workflow")
            .plan(plan(patientOf(subWorkflow("s", flow(task("x"), task("y"))), task("z"))))
            .after(start(WIDE))
            .when(fails("s/0/x", USER))
            .then(failed("s/0/x", USER), graphFailing("s", USER)),
        row("a graph that a task has made follows the workflow around the task")
            .plans(plan(patientOf(task("a"))), made())
            .after(start(WIDE), opens("a", new Subgraph.Dynamic("made")))
            .when(fails("a/0/x", USER))
            .then(failed("a/0/x", USER)),
        row("also if that is a sub-workflow")
            .plans(plan(flow(subWorkflow("s", patientOf(task("a"))))), made())
            .after(start(WIDE), opens("s/0/a", new Subgraph.Dynamic("made")))
            .when(fails("s/0/a/0/x", USER))
            .then(failed("s/0/a/0/x", USER)));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyGraphFollowsItsPolicy(MachineRow row) {
    row.check();
  }

  private static Graph patient() {
    return patientOf(task("x"), task("y"));
  }

  private static Graph patientOf(PlanNode... nodes) {
    return flow(FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE, Optional.empty(), nodes);
  }

  private static Plan made() {
    return plan("made", flow(task("x"), task("y")));
  }
}
