package io.turboprop.workflow.decide.rule;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.NodePhase;
import io.vavr.collection.Vector;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ElementsTest {
  private static final int ELEMENTS_MAX = ExecutionSettings.DEFAULT.elementsMax();

  @ParameterizedTest
  @CsvSource({"1, 4, 4", "0.5, 4, 2", "0.5, 5, 3", "0.01, 5, 1", "0, 5, 0", "1, 0, 0"})
  void aPartOfThemIsRoundedUp(double ratio, int size, int required) {
    assertThat(Elements.required(array(0, OptionalInt.empty(), ratio), size)).isEqualTo(required);
  }

  @Test
  void aNumberBeatsTheRatioEvenIfThereAreNotSoMany() {
    assertThat(Elements.required(array(0, OptionalInt.of(7), 0.1), 5)).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({
    "2, 10, 0, 0, true",
    "2, 10, 1, 0, true",
    "2, 10, 2, 0, false",
    "2, 10, 2, 1, true",
    "2, 10, 10, 9, false",
    "0, 10, 9, 0, true",
    "0, 2000, 1000, 0, false",
    "1500, 2000, 1000, 0, false"
  })
  void anotherMayStartWhileThereIsAPlace(
      int parallelismMax, int size, int begun, int ended, boolean may) {
    var array = array(parallelismMax, OptionalInt.empty(), 1);
    assertThat(ELEMENTS_MAX).isEqualTo(1_000);
    assertThat(Elements.mayStart(state(array, size, begun, ended), ExecutionSettings.DEFAULT))
        .isEqualTo(may);
  }

  @ParameterizedTest
  @CsvSource({
    "25, 24, true",
    "25, 25, false",
    "0, 999, true",
    "0, 1000, false",
    "5000, 1000, false"
  })
  void withoutABoundOfItsOwnAnArrayHasThatOfTheExecution(int executionMax, int begun, boolean may) {
    var settings =
        new ExecutionSettings(
            executionMax, false, 3, 1, Duration.ZERO, Duration.ZERO, 0, ELEMENTS_MAX, 100, false);
    var array = array(OptionalInt.empty(), OptionalInt.empty(), 1);
    assertThat(Elements.mayStart(state(array, 2_000, begun, 0), settings)).isEqualTo(may);
  }

  @Test
  void equalMessagesAreToldOnceBehindTheNumbersOfTheirElements() {
    var nodes =
        Vector.of(failed("no"), succeeded(), failed("no"), failed("no"), failed("a"), failed("no"));
    assertThat(error(nodes)).isEqualTo("[4]: a\n[0,2-3,5]: no\n");
  }

  @Test
  void aLongErrorIsCut() {
    var error = error(Vector.of(failed("x".repeat(200_000))));
    assertThat(error).hasSize(102_400 + "... and many more.".length()).endsWith("and many more.");
  }

  @Test
  void thatOneHasTimedOutIsAFailureToo() {
    var timedOut =
        new NodeState.Ended(
            NodePhase.TIMED_OUT, 0, Values.NONE, Optional.of(ExecutionError.user("Code", "late")));
    assertThat(error(Vector.of(timedOut))).isEqualTo("[0]: late\n");
  }

  private static String error(Vector<NodeState> nodes) {
    var size = nodes.size();
    var state =
        new GraphState(
            new ElementGraph(array(0, OptionalInt.empty(), 1), size),
            new Subgraph.ArrayElements(size),
            Values.NONE,
            nodes,
            size,
            0,
            size,
            0,
            Optional.empty(),
            Optional.empty());
    return FailurePolicies.fatal(state, FailurePolicy.FAIL_IMMEDIATELY).orElseThrow().message();
  }

  private static GraphState state(NodeKind.Array array, int size, int begun, int ended) {
    return new GraphState(
        new ElementGraph(array, size),
        new Subgraph.ArrayElements(size),
        Values.NONE,
        Vector.empty(),
        begun,
        size - ended,
        0,
        begun - ended,
        Optional.empty(),
        Optional.empty());
  }

  private static NodeState failed(String message) {
    return new NodeState.Ended(
        NodePhase.FAILED, 0, Values.NONE, Optional.of(ExecutionError.user("Code", message)));
  }

  private static NodeState succeeded() {
    return new NodeState.Ended(NodePhase.SUCCEEDED, 0, Values.NONE, Optional.empty());
  }

  private static NodeKind.Array array(int parallelismMax, OptionalInt successesMin, double ratio) {
    return array(OptionalInt.of(parallelismMax), successesMin, ratio);
  }

  private static NodeKind.Array array(
      OptionalInt parallelismMax, OptionalInt successesMin, double ratio) {
    return new NodeKind.Array(
        TestingPlans.task("element"),
        parallelismMax,
        successesMin,
        ratio,
        Set.of(),
        NodeKind.Array.Encoding.ARRAY_NODE);
  }
}
