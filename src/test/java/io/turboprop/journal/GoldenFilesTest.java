package io.turboprop.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.journal.v1.State;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowStep;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Journals that earlier versions wrote can be read. */
class GoldenFilesTest {
  private final JournalSerializer serializer = new JournalSerializer();

  static Stream<WorkflowEvent> events() {
    return GoldenSamples.events().stream();
  }

  static Stream<WorkflowState> states() {
    return GoldenSamples.states().stream();
  }

  @ParameterizedTest
  @MethodSource("events")
  void everyEventEverWrittenIsRead(WorkflowEvent event) throws IOException {
    var bytes = golden(GoldenSamples.fileName(event));
    assertThat(serializer.fromBinary(bytes, JournalSerializer.STEP_V1))
        .isEqualTo(new WorkflowStep(List.of(event)));
  }

  @ParameterizedTest
  @MethodSource("states")
  void everySnapshotEverWrittenIsRead(WorkflowState state) throws IOException {
    for (int version = 1; version <= 2; version++) {
      var bytes = golden(GoldenSamples.fileName(state, version));
      var stored = (State) serializer.fromBinary(bytes, JournalSerializer.STATE_V1);
      assertThat(WorkflowStateCodec.decode(stored, GoldenSamples.PLANS)).isEqualTo(state);
    }
  }

  @Test
  void everyKindOfEventHasASample() {
    assertThat(events().<Class<?>>map(Object::getClass).distinct())
        .containsExactlyInAnyOrderElementsOf(RandomEvents.kinds().toList());
  }

  @Test
  void everyKindOfContentsHasASample() {
    assertThat(
            events()
                .filter(WorkflowEvent.GraphOpened.class::isInstance)
                .<Class<?>>map(event -> ((WorkflowEvent.GraphOpened) event).contents().getClass()))
        .containsExactlyInAnyOrder(Subgraph.class.getPermittedSubclasses());
  }

  @Test
  void everyPhaseOfAnExecutionHasASample() {
    assertThat(states().<Class<?>>map(Object::getClass))
        .containsExactlyInAnyOrder(
            Arrays.stream(WorkflowState.class.getPermittedSubclasses())
                .filter(WorkflowState.class::isAssignableFrom)
                .toArray(Class<?>[]::new));
  }

  private static byte[] golden(String fileName) throws IOException {
    var name = "journal/" + fileName;
    try (var file = GoldenFilesTest.class.getClassLoader().getResourceAsStream(name)) {
      assertThat(file).as("the golden file %s, see GoldenSamples", name).isNotNull();
      return file.readAllBytes();
    }
  }
}
