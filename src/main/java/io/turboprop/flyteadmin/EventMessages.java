package io.turboprop.flyteadmin;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import flyteidl.core.Execution.ExecutionError.ErrorKind;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.event.Event.TaskExecutionEvent;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.event.AttemptDetails;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The parts that events of all kinds have. */
final class EventMessages {
  /** The version of the form of events that FlytePropeller sends. */
  static final int VERSION = 1;

  private EventMessages() {}

  static WorkflowExecutionIdentifier executionId(ExecutionId execution) {
    return WorkflowExecutionIdentifier.newBuilder()
        .setProject(execution.project())
        .setDomain(execution.domain())
        .setName(execution.name())
        .build();
  }

  static NodeExecutionIdentifier nodeId(WorkflowExecutionIdentifier execution, String node) {
    return NodeExecutionIdentifier.newBuilder().setExecutionId(execution).setNodeId(node).build();
  }

  static Timestamp timestamp(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }

  /** An error with a message of at most 100 KiB, as FlytePropeller sends it. */
  static flyteidl.core.Execution.ExecutionError error(ExecutionError error) {
    var trimmed = error.trimmed();
    return flyteidl.core.Execution.ExecutionError.newBuilder()
        .setCode(trimmed.code())
        .setMessage(trimmed.message())
        .setKind(kind(trimmed.kind()))
        .build();
  }

  /** An error that FlyteAdmin tells. */
  static ExecutionError error(flyteidl.core.Execution.ExecutionError error) {
    return new ExecutionError(
        error.getCode().isEmpty() ? "Unknown" : error.getCode(),
        error.getMessage(),
        switch (error.getKind()) {
          case USER -> ExecutionError.Kind.USER;
          case SYSTEM -> ExecutionError.Kind.SYSTEM;
          case UNKNOWN, UNRECOGNIZED -> ExecutionError.Kind.UNKNOWN;
        });
  }

  private static ErrorKind kind(ExecutionError.Kind kind) {
    return switch (kind) {
      case UNKNOWN -> ErrorKind.UNKNOWN;
      case USER -> ErrorKind.USER;
      case SYSTEM -> ErrorKind.SYSTEM;
    };
  }

  /** An event with the details that a plugin has reported; null stands for no details. */
  static TaskExecutionEvent details(@Nullable ByteString details) {
    return details == null
        ? TaskExecutionEvent.getDefaultInstance()
        : AttemptDetails.parse(details);
  }
}
