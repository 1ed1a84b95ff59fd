package io.turboprop.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.workflow.entity.Simulation;
import io.turboprop.workflow.plan.RandomPlans;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowStep;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Snapshots lose nothing, whatever kinds of nodes are under way and however deep. */
class WorkflowStateCodecTest {
  private final JournalSerializer serializer = new JournalSerializer();

  static LongStream seeds() {
    return LongStream.range(0, 300);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyStateOnTheWayIsReadAsItWasWritten(long seed) {
    var random = new Random(seed);
    var plans = RandomPlans.of(random, 6, 4);
    var snapshots = new WorkflowSnapshots(plans);
    Simulation.of(random, plans, (step, state) -> readsAsWritten(snapshots, step, state))
        .toTheEnd();
  }

  private void readsAsWritten(
      WorkflowSnapshots snapshots, List<WorkflowEvent> events, WorkflowState state) {
    var step = new WorkflowStep(events);
    assertThat(serializer.fromBinary(serializer.toBinary(step), serializer.manifest(step)))
        .isEqualTo(step);
    var stored = snapshots.toJournal(state);
    var bytes = serializer.toBinary(stored);
    assertThat(snapshots.fromJournal(serializer.fromBinary(bytes, serializer.manifest(stored))))
        .isEqualTo(state);
  }
}
