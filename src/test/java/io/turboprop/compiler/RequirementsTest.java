package io.turboprop.compiler;

import static io.turboprop.compiler.TestingBranches.branch;
import static io.turboprop.compiler.TestingBranches.compare;
import static io.turboprop.compiler.TestingBranches.otherwise;
import static io.turboprop.compiler.TestingBranches.when;
import static io.turboprop.compiler.TestingDefinitions.launchPlanNode;
import static io.turboprop.compiler.TestingDefinitions.named;
import static io.turboprop.compiler.TestingDefinitions.node;
import static io.turboprop.compiler.TestingDefinitions.sleep;
import static io.turboprop.compiler.TestingDefinitions.subWorkflowNode;
import static io.turboprop.compiler.TestingDefinitions.taskNode;
import static io.turboprop.compiler.TestingDefinitions.workflow;
import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.IdentifierOuterClass.Identifier;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequirementsTest {

  @Test
  void everyPlaceWhereANodeCanBeIsSearchedAndEachIdCountsOnce() {
    var array = node("n2");
    array.getArrayNodeBuilder().setNode(taskNode("inner", "in-array"));
    var primary =
        workflow(
                branch(
                    "n0",
                    when(compare(1, 1), taskNode("a", "in-branch")),
                    otherwise(
                        branch(
                            "b",
                            when(compare(1, 1), taskNode("c", "deep-in-branch")),
                            otherwise(launchPlanNode("d", "plan-in-branch"))))),
                subWorkflowNode("n1", "sub"),
                array,
                sleep("n3"),
                taskNode("n4", "in-array"))
            .toBuilder()
            .setFailureNode(taskNode("fn0", "on-failure"))
            .build();
    var sub =
        named("sub", taskNode("n0", "in-sub")).toBuilder()
            .setFailureNode(launchPlanNode("fn0", "plan-on-failure"))
            .build();

    var requirements = Requirements.of(primary, List.of(sub));

    assertThat(requirements.errors()).isEmpty();
    assertThat(requirements.tasks())
        .extracting(Identifier::getName)
        .containsExactly("deep-in-branch", "in-array", "in-branch", "in-sub", "on-failure");
    assertThat(requirements.launchPlans())
        .extracting(Identifier::getName)
        .containsExactly("plan-in-branch", "plan-on-failure");
    assertThat(requirements.subWorkflows()).containsExactly(sub.getId());
  }
}
