package io.turboprop.flyteadmin;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import flyteidl.admin.Event.EventFailureReason;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.protobuf.StatusProto;
import io.turboprop.flyteadmin.EventService.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventServiceTest {
  @ParameterizedTest
  @CsvSource({
    "ALREADY_EXISTS, This phase RUNNING was already recorded, AlreadyRecorded",
    "NOT_FOUND, missing entity of type execution, Unknown",
    "INVALID_ARGUMENT, missing occurred_at, Invalid",
    "FAILED_PRECONDITION, Cannot go from ABORTING to RUNNING, PhaseConflict",
    "RESOURCE_EXHAUSTED, grpc: received message larger than max (5 vs. 4), TooLarge",
    "RESOURCE_EXHAUSTED, gRPC message exceeds maximum size 4: 5, TooLarge",
    "RESOURCE_EXHAUSTED, Output data size exceeds platform configured threshold (5 > 4), TooLarge",
    "RESOURCE_EXHAUSTED, too many requests, Unavailable",
    "UNAVAILABLE, io exception, Unavailable",
    "INTERNAL, failed to get existing node execution id, Unavailable",
  })
  void answersAreSortedByCodeAndText(Code code, String text, String answer) {
    var failure = Status.fromCode(code).withDescription(text).asRuntimeException();
    assertThat(EventService.answer(failure).getClass().getSimpleName()).isEqualTo(answer);
  }

  @ParameterizedTest
  @CsvSource({"UNAVAILABLE, true", "UNAUTHENTICATED, true", "INTERNAL, false", "UNKNOWN, false"})
  void onlyFailuresOfTheServiceStopAllSends(Code code, boolean affectsAll) {
    var failure = Status.fromCode(code).withDescription("no").asRuntimeException();
    assertThat(((Answer.Unavailable) EventService.answer(failure)).affectsAll())
        .isEqualTo(affectsAll);
  }

  @Test
  void theReasonInTheDetailsCountsBeforeTheCode() {
    var ended = EventFailureReason.newBuilder();
    ended.getAlreadyInTerminalStateBuilder().setCurrentPhase("ABORTED");
    assertThat(answer(ended.build())).isInstanceOf(Answer.AlreadyEnded.class);

    var elsewhere = EventFailureReason.newBuilder();
    elsewhere.getIncompatibleClusterBuilder().setCluster("west");
    assertThat(answer(elsewhere.build())).isEqualTo(new Answer.OtherCluster("west"));
  }

  private static Answer answer(EventFailureReason reason) {
    return EventService.answer(
        StatusProto.toStatusRuntimeException(
            com.google.rpc.Status.newBuilder()
                .setCode(Code.FAILED_PRECONDITION.value())
                .addDetails(Any.pack(reason))
                .build()));
  }
}
