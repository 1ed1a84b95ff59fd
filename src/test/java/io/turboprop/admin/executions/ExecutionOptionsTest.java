package io.turboprop.admin.executions;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.admin.MatchableResourceOuterClass.WorkflowExecutionConfig;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutionOptionsTest {

  /** A child's request carries the bound of its parent. */
  @ParameterizedTest
  @CsvSource({
    "MANUAL, 3, 2, 1, 3",
    "MANUAL, 0, 2, 1, 2",
    "MANUAL, 0, 0, 1, 1",
    "MANUAL, 0, 0, 0, 25",
    "CHILD_WORKFLOW, 3, 2, 1, 2",
    "CHILD_WORKFLOW, 3, 0, 1, 3",
    "CHILD_WORKFLOW, 0, 0, 1, 1"
  })
  void theFirstBoundThatIsSetHolds(
      ExecutionMode mode, int request, int launchPlan, int configured, int expected) {
    var options =
        new ExecutionOptions(
            ExecutionSpec.newBuilder()
                .setMetadata(ExecutionMetadata.newBuilder().setMode(mode))
                .setMaxParallelism(request)
                .build(),
            LaunchPlanSpec.newBuilder().setMaxParallelism(launchPlan).build(),
            WorkflowExecutionConfig.newBuilder().setMaxParallelism(configured).build(),
            Map.of(),
            25);
    assertThat(options.resolved().getMaxParallelism()).isEqualTo(expected);
  }
}
