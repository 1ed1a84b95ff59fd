package io.turboprop.console;

import static io.turboprop.workflow.plan.TestingPlans.flow;
import static io.turboprop.workflow.plan.TestingPlans.plan;
import static io.turboprop.workflow.plan.TestingPlans.task;
import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.ExecutionId;
import io.turboprop.event.Journal;
import io.turboprop.event.Snapshots;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.Facts;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StateReaderTest {
  private static final ExecutionId ID = new ExecutionId("p", "d", "e");
  private static final Plan PLAN = plan(flow(task("a"), task("b")));
  private static final Plans PLANS = _ -> PLAN;
  private static final List<WorkflowEvent> EVENTS =
      List.of(Facts.started(Facts.WIDE), Facts.queued("a"), Facts.queued("b"));

  @Test
  void withoutASnapshotAllStepsAreRead() throws IOException {
    var journal = new Recorded();
    var read = new StateReader((_, _) -> Optional.empty(), journal, PLANS).read(ID);
    assertThat(read).isEqualTo(new StateReader.ReadState(stateAfter(3), 3, true));
    assertThat(journal.reads).containsExactly(0L, 3L);
  }

  @Test
  void withASnapshotOnlyTheStepsAfterItAreRead() throws IOException {
    var journal = new Recorded();
    Snapshots snapshots = (_, _) -> Optional.of(new Snapshots.Snapshot(2, stateAfter(2)));
    var read = new StateReader(snapshots, journal, PLANS).read(ID);
    assertThat(read).isEqualTo(new StateReader.ReadState(stateAfter(3), 3, true));
    assertThat(journal.reads).containsExactly(2L, 3L);
  }

  private static WorkflowState stateAfter(int steps) {
    WorkflowState state = new WorkflowState.NotStarted(PLANS);
    for (var event : EVENTS.subList(0, steps)) {
      state = EventApplier.evolve(state, event);
    }
    return state;
  }

  /** A journal with one event in each step. */
  private static final class Recorded implements Journal {
    private final List<Long> reads = new ArrayList<>();

    @Override
    public List<Step> read(ExecutionId id, long after, int limit) {
      reads.add(after);
      var steps = new ArrayList<Step>();
      for (var number = after; number < EVENTS.size() && steps.size() < limit; number++) {
        steps.add(new Step(number + 1, List.of(EVENTS.get((int) number))));
      }
      return steps;
    }
  }
}
