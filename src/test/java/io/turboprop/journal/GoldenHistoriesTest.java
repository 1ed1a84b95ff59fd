package io.turboprop.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.journal.v1.State;
import io.turboprop.journal.v1.Step;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole executions that earlier versions wrote are replayed to the states that they recorded. */
class GoldenHistoriesTest {

  @ParameterizedTest
  @EnumSource
  void everyHistoryEverWrittenLeadsToTheSameStates(GoldenHistories.Kind kind) throws IOException {
    var name = "journal/" + kind.fileName();
    var plans = kind.plans();
    WorkflowState state = new NotStarted(plans);
    try (var file = GoldenHistoriesTest.class.getClassLoader().getResourceAsStream(name)) {
      assertThat(file).as("the history %s, see GoldenHistories", name).isNotNull();
      for (var step = Step.parseDelimitedFrom(file);
          step != null;
          step = Step.parseDelimitedFrom(file)) {
        for (var event : WorkflowEventCodec.decode(step).events()) {
          state = EventApplier.evolve(state, event);
        }
        var recorded = WorkflowStateCodec.decode(State.parseDelimitedFrom(file), plans);
        assertThat(state).isEqualTo(recorded);
      }
    }
    assertThat(state).isInstanceOf(Done.class);
  }
}
