package io.turboprop.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.turboprop.data.NewerFormatException;
import io.turboprop.data.NodePath;
import io.turboprop.journal.v1.Event;
import io.turboprop.journal.v1.GraphOpened;
import io.turboprop.journal.v1.Step;
import io.turboprop.journal.v1.StoredContents;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowStep;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkflowEventCodecTest {
  private final JournalSerializer serializer = new JournalSerializer();

  static LongStream seeds() {
    return LongStream.range(0, 500);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void whatWasWrittenIsRead(long seed) {
    var random = new Random(seed);
    var events = new java.util.ArrayList<>(new RandomEvents(random).oneOfEach());
    Collections.shuffle(events, random);
    var step = new WorkflowStep(List.copyOf(events));
    var bytes = serializer.toBinary(step);
    assertThat(serializer.fromBinary(bytes, serializer.manifest(step))).isEqualTo(step);
  }

  @Test
  void twoTransitionsOfOneMomentTakeFewBytes() {
    var now = Instant.parse("2026-01-01T12:00:00.123456Z");
    var step =
        new WorkflowStep(
            List.of(
                new WorkflowEvent.NodeSucceeded(
                    NodePath.root("n1"), 0, TestingPlans.output(), AttemptSummary.NONE, now),
                new WorkflowEvent.NodeQueued(NodePath.root("n2"), now)));
    assertThat(serializer.toBinary(step)).hasSizeLessThan(50);
  }

  @Test
  void anEventOfANewerVersionIsRefused() {
    var step = Step.newBuilder().addEvents(Event.newBuilder().setAt(1)).build();
    assertThatThrownBy(() -> serializer.fromBinary(step.toByteArray(), "step-v1"))
        .isInstanceOf(NewerFormatException.class)
        .hasMessageContaining("a kind of event");
  }

  @Test
  void aSubgraphOfANewerVersionIsRefused() {
    var unknown =
        UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    var contents = StoredContents.newBuilder().setUnknownFields(unknown);
    var step =
        Step.newBuilder()
            .addEvents(
                Event.newBuilder()
                    .setGraphOpened(GraphOpened.newBuilder().setNode("a").setContents(contents)))
            .build();
    assertThatThrownBy(() -> serializer.fromBinary(step.toByteArray(), "step-v1"))
        .isInstanceOf(NewerFormatException.class)
        .hasMessageContaining("a kind of subgraph");
  }

  @Test
  void aManifestOfANewerVersionIsRefused() {
    assertThatThrownBy(() -> serializer.fromBinary(ByteString.EMPTY.toByteArray(), "step-v2"))
        .isInstanceOf(NewerFormatException.class)
        .hasMessageContaining("step-v2");
  }
}
