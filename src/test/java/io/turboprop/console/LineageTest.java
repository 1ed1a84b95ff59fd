package io.turboprop.console;

import static io.turboprop.workflow.plan.TestingPlans.branch;
import static io.turboprop.workflow.plan.TestingPlans.graph;
import static io.turboprop.workflow.plan.TestingPlans.plan;
import static io.turboprop.workflow.plan.TestingPlans.reading;
import static io.turboprop.workflow.plan.TestingPlans.subWorkflow;
import static io.turboprop.workflow.plan.TestingPlans.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.NodePath;
import io.turboprop.event.PlanNodes;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LineageTest {
  private static final Plan PLAN =
      plan(
          flow(
              task("a"),
              reading(task("b"), List.of("a")),
              branch("c", List.of("x"), Optional.empty(), reading(task("arm"), List.of("a"))),
              subWorkflow("s", flow(task("inner")))));

  @Test
  void aNodeReadsOutputsOfOthersAndTheyKnowIt() {
    assertThat(lineage("b")).startsWith("{\"from\":[{\"input\":\"a\",\"path\":\"a\",");
    assertThat(lineage("a"))
        .startsWith("{\"from\":[],\"to\":[")
        .contains("{\"input\":\"a\",\"path\":\"b\",");
  }

  @Test
  void theArmOfABranchReadsWhatIsAroundTheBranch() {
    assertThat(lineage("c/0/arm")).startsWith("{\"from\":[{\"input\":\"a\",\"path\":\"a\",");
    assertThat(lineage("a")).contains("{\"input\":\"a\",\"path\":\"c\",");
  }

  @Test
  void theOutputsOfAGraphAreThoseOfTheNodeAroundIt() {
    assertThat(lineage("s/0/inner")).contains("\"to\":[{\"input\":\"inner\",\"path\":\"s\",");
    assertThat(lineage("b")).contains("\"to\":[{\"input\":\"b\",\"path\":\"\",");
  }

  @Test
  void aNodeThatThePlanDoesNotHaveReadsNothing() {
    assertThat(lineage("nowhere")).startsWith("{\"from\":[]");
    assertThat(lineage("nowhere/0/x")).isEqualTo("{\"from\":[],\"to\":[]}");
  }

  private static String lineage(String path) {
    return JsonAnswer.text(
        Lineage.of(new Lineage.Places(PlanNodes.WITHOUT_DYNAMIC, 1, PLAN), new NodePath(path)));
  }

  /** A graph whose outputs are those of all its nodes. */
  private static Graph flow(PlanNode... nodes) {
    return graph(List.of(nodes), Map.of(), FailurePolicy.FAIL_IMMEDIATELY);
  }
}
