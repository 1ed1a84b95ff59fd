package io.turboprop.flyteadmin;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import flyteidl.admin.Event.EventFailureReason;
import flyteidl.admin.Event.NodeExecutionEventRequest;
import flyteidl.admin.Event.TaskExecutionEventRequest;
import flyteidl.admin.Event.WorkflowExecutionEventRequest;
import flyteidl.event.Event.NodeExecutionEvent;
import flyteidl.event.Event.TaskExecutionEvent;
import flyteidl.event.Event.WorkflowExecutionEvent;
import flyteidl.service.AdminServiceGrpc;
import flyteidl.service.AdminServiceGrpc.AdminServiceBlockingStub;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/**
 * The calls of FlyteAdmin that take events, with their answers sorted by what has to follow.
 * Blocks.
 */
final class EventService {
  private final AdminServiceBlockingStub admin;
  private final Duration timeout;

  EventService(Channel channel, Duration timeout) {
    this.admin = AdminServiceGrpc.newBlockingStub(channel);
    this.timeout = timeout;
  }

  /** FlyteAdmin's answer to an event. */
  sealed interface Answer {
    /** The event was recorded. */
    record Recorded() implements Answer {}

    /** The event was recorded before. */
    record AlreadyRecorded() implements Answer {}

    /** The execution, node or attempt has ended for FlyteAdmin. */
    record AlreadyEnded(String message) implements Answer {}

    /** The execution was given to another cluster. */
    record OtherCluster(String cluster) implements Answer {}

    /** FlyteAdmin does not know the execution, or something that the event refers to. */
    record Unknown(String message) implements Answer {}

    record TooLarge(String message) implements Answer {}

    /** The event is malformed for FlyteAdmin. */
    record Invalid(String message) implements Answer {}

    /**
     * The event does not fit the phase that FlyteAdmin has recorded; other events may still be
     * accepted.
     */
    record PhaseConflict(String message) implements Answer {}

    /**
     * FlyteAdmin can't record the event now; it is sent again.
     *
     * @param affectsAll whether FlyteAdmin as a whole can't be reached, or takes no event of ours
     */
    record Unavailable(String message, boolean affectsAll) implements Answer {}
  }

  /** Sends an event of any kind, once. */
  Answer send(Message event) {
    try {
      var stub = admin.withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
      var id = UUID.randomUUID().toString();
      switch (event) {
        case WorkflowExecutionEvent workflow -> {
          var _ =
              stub.createWorkflowEvent(
                  WorkflowExecutionEventRequest.newBuilder()
                      .setRequestId(id)
                      .setEvent(workflow)
                      .build());
        }
        case NodeExecutionEvent node -> {
          var _ =
              stub.createNodeEvent(
                  NodeExecutionEventRequest.newBuilder().setRequestId(id).setEvent(node).build());
        }
        case TaskExecutionEvent task -> {
          var _ =
              stub.createTaskEvent(
                  TaskExecutionEventRequest.newBuilder().setRequestId(id).setEvent(task).build());
        }
        default -> throw new IllegalArgumentException("not an event: " + event.getClass());
      }
      return new Answer.Recorded();
    } catch (StatusRuntimeException e) {
      return answer(e);
    }
  }

  /** The meaning of a refusal. */
  static Answer answer(StatusRuntimeException failure) {
    var message = failure.getStatus().toString();
    var reason = reason(failure);
    if (reason.isPresent()) {
      switch (reason.orElseThrow().getReasonCase()) {
        case ALREADY_IN_TERMINAL_STATE -> {
          return new Answer.AlreadyEnded(message);
        }
        case INCOMPATIBLE_CLUSTER -> {
          return new Answer.OtherCluster(
              reason.orElseThrow().getIncompatibleCluster().getCluster());
        }
        case REASON_NOT_SET -> {}
      }
    }
    return switch (failure.getStatus().getCode()) {
      case ALREADY_EXISTS -> new Answer.AlreadyRecorded();
      case NOT_FOUND -> new Answer.Unknown(message);
      case INVALID_ARGUMENT -> new Answer.Invalid(message);
      case FAILED_PRECONDITION -> new Answer.PhaseConflict(message);
      case RESOURCE_EXHAUSTED ->
          isAboutSize(message)
              ? new Answer.TooLarge(message)
              : new Answer.Unavailable(message, true);
      case UNAVAILABLE,
          DEADLINE_EXCEEDED,
          UNAUTHENTICATED,
          PERMISSION_DENIED,
          UNIMPLEMENTED,
          CANCELLED ->
          new Answer.Unavailable(message, true);
      case OK, UNKNOWN, ABORTED, OUT_OF_RANGE, INTERNAL, DATA_LOSS ->
          new Answer.Unavailable(message, false);
    };
  }

  /** As gRPC in Go, gRPC in Java and FlyteAdmin say it. */
  private static boolean isAboutSize(String message) {
    return message.contains("larger than max")
        || message.contains("exceeds maximum size")
        || message.contains("exceeds platform configured threshold");
  }

  private static Optional<EventFailureReason> reason(StatusRuntimeException failure) {
    var status = StatusProto.fromThrowable(failure);
    if (status != null) {
      for (var detail : status.getDetailsList()) {
        if (detail.is(EventFailureReason.class)) {
          try {
            return Optional.of(detail.unpack(EventFailureReason.class));
          } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("FlyteAdmin sent a damaged EventFailureReason", e);
          }
        }
      }
    }
    return Optional.empty();
  }
}
