package io.turboprop.admin.executions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import flyteidl.admin.ClusterAssignmentOuterClass.ClusterAssignment;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata;
import flyteidl.admin.ExecutionOuterClass.ExecutionMetadata.ExecutionMode;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.admin.LaunchPlanOuterClass.LaunchPlanSpec;
import flyteidl.admin.MatchableResourceOuterClass.ExecutionClusterLabel;
import flyteidl.admin.MatchableResourceOuterClass.WorkflowExecutionConfig;
import io.turboprop.admin.executions.ExecutionConfigs.Configured;
import java.util.Map;
import org.junit.jupiter.api.Test;
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
            new Configured(
                WorkflowExecutionConfig.newBuilder().setMaxParallelism(configured).build(), "", ""),
            Map.of(),
            25);
    assertThat(options.resolved().getMaxParallelism()).isEqualTo(expected);
  }

  /** A child's request carries the label of its parent. */
  @ParameterizedTest
  @CsvSource({"'', '', ''", "gpu, '', gpu", "'', cpu, cpu", "gpu, cpu, gpu"})
  void theLabelOfTheRequestCountsBeforeTheConfiguredOne(
      String request, String configured, String expected) {
    var spec =
        options(
                ExecutionSpec.newBuilder()
                    .setExecutionClusterLabel(ExecutionClusterLabel.newBuilder().setValue(request)),
                configured,
                "")
            .resolved();
    assertThat(spec.getExecutionClusterLabel().getValue()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"'', '', ''", "a, '', a", "'', b, b", "b, b, b"})
  void thePoolIsThatOfTheRequestOrTheConfiguredOne(
      String request, String configured, String expected) {
    var options = options(inPool(request), "", configured);
    options.checkClusterPool("p", "d");
    assertThat(options.resolved().getClusterAssignment().getClusterPoolName()).isEqualTo(expected);
  }

  @Test
  void requestForAnotherPoolThanTheConfiguredOneIsRefused() {
    var options = options(inPool("a"), "", "b");
    assertThatThrownBy(() -> options.checkClusterPool("p", "d"))
        .hasMessage(
            "execution with project \"p\" and domain \"d\" cannot run on cluster pool \"a\","
                + " because its configured to run on pool \"b\"");
  }

  private static ExecutionSpec.Builder inPool(String pool) {
    return ExecutionSpec.newBuilder()
        .setClusterAssignment(ClusterAssignment.newBuilder().setClusterPoolName(pool));
  }

  private static ExecutionOptions options(
      ExecutionSpec.Builder request, String clusterLabel, String clusterPool) {
    return new ExecutionOptions(
        request.build(),
        LaunchPlanSpec.getDefaultInstance(),
        new Configured(WorkflowExecutionConfig.getDefaultInstance(), clusterLabel, clusterPool),
        Map.of(),
        25);
  }
}
