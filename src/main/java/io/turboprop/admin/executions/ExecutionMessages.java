package io.turboprop.admin.executions;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import flyteidl.admin.Common.UrlBlob;
import flyteidl.admin.ExecutionOuterClass.AbortMetadata;
import flyteidl.admin.ExecutionOuterClass.Execution;
import flyteidl.admin.ExecutionOuterClass.ExecutionClosure;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.admin.ExecutionOuterClass.ExecutionState;
import flyteidl.admin.ExecutionOuterClass.ExecutionStateChangeDetails;
import flyteidl.admin.ExecutionOuterClass.LiteralMapBlob;
import flyteidl.core.Execution.ExecutionError.ErrorKind;
import flyteidl.core.Execution.WorkflowExecution;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import io.turboprop.admin.definitions.Identifiers;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.StoredMessages;
import io.turboprop.data.Values;
import io.turboprop.execution.ProjectQueue;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.Timestamps;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Executions as clients see them ({@code flyteidl.admin.Execution}). */
final class ExecutionMessages {

  /** The length of an error in lists. */
  private static final int LISTED_ERROR_BYTES_MAX = 100;

  private ExecutionMessages() {}

  static WorkflowExecutionIdentifier id(ExecutionId id) {
    return WorkflowExecutionIdentifier.newBuilder()
        .setProject(id.project())
        .setDomain(id.domain())
        .setName(id.name())
        .build();
  }

  /**
   * @param listed whether the message is part of a list, which shows only the beginning of an error
   */
  static Execution execution(ExecutionRow row, boolean listed) {
    var spec = spec(row);
    return Execution.newBuilder()
        .setId(id(row.accepted().id()))
        .setSpec(spec)
        .setClosure(closure(row, spec, listed))
        .build();
  }

  /** The resolved options of an execution. */
  static ExecutionSpec spec(ExecutionRow row) {
    return StoredMessages.parse(ExecutionSpec.parser(), row.accepted().spec());
  }

  private static ExecutionClosure closure(ExecutionRow row, ExecutionSpec spec, boolean listed) {
    var closure =
        ExecutionClosure.newBuilder()
            .setPhaseValue(row.phase())
            .setWorkflowId(row.workflow().toMessage())
            .setCreatedAt(Identifiers.timestamp(row.accepted().acceptedAt()))
            .setUpdatedAt(Identifiers.timestamp(row.moments().updatedAt()))
            .addAllNotifications(spec.getNotifications().getNotificationsList())
            .setStateChangeDetails(stateChange(row, spec));
    var startedAt = row.moments().startedAt();
    if (startedAt != null) {
      closure.setStartedAt(Identifiers.timestamp(startedAt));
    }
    var duration = duration(row.moments());
    if (duration != null) {
      closure.setDuration(duration);
    }
    addResult(closure, row, listed);
    return closure.build();
  }

  /** The time of the latest change; before the first change, of the acceptance. */
  private static ExecutionStateChangeDetails stateChange(ExecutionRow row, ExecutionSpec spec) {
    var change = row.stateChange();
    return ExecutionStateChangeDetails.newBuilder()
        .setState(
            row.archived() ? ExecutionState.EXECUTION_ARCHIVED : ExecutionState.EXECUTION_ACTIVE)
        .setOccurredAt(
            Identifiers.timestamp(change == null ? row.accepted().acceptedAt() : change.at()))
        .setPrincipal(change == null ? spec.getMetadata().getPrincipal() : change.by())
        .build();
  }

  private static void addResult(
      ExecutionClosure.Builder closure, ExecutionRow row, boolean listed) {
    var abort = row.abort();
    var error = row.error();
    var outputs = row.outputs();
    if (outputs != null && row.phase() == WorkflowExecution.Phase.SUCCEEDED_VALUE) {
      addOutputs(closure, outputs);
    } else if (abort != null && isAborted(row.phase())) {
      closure.setAbortMetadata(
          AbortMetadata.newBuilder().setCause(abort.cause()).setPrincipal(abort.principal()));
    } else if (error != null) {
      closure.setError(error(error, listed));
    } else if (row.parked() != null) {
      closure.setError(error(parked(row.parked()), listed));
    } else if (row.queued()) {
      closure.setError(error(QUEUED, listed));
    }
  }

  private static final ExecutionError QUEUED =
      ExecutionError.system("ExecutionQueued", ProjectQueue.REASON);

  /** A parked execution keeps its phase, since Flyte has no phase for it. */
  private static ExecutionError parked(ExecutionRow.Parked parked) {
    return ExecutionError.system(
        "ExecutionParked",
        "the engine can't go on with this execution for now, and tries again later: "
            + parked.reason());
  }

  private static boolean isAborted(int phase) {
    return phase == WorkflowExecution.Phase.ABORTING_VALUE
        || phase == WorkflowExecution.Phase.ABORTED_VALUE;
  }

  /** Values in {@code outputs} would break flytekit, which reads them by GetExecutionData. */
  private static void addOutputs(ExecutionClosure.Builder closure, Values values) {
    switch (values) {
      case Values.Inline(var literals) -> closure.setOutputData(literals.map());
      case Values.Stored(var reference) ->
          closure.setOutputs(LiteralMapBlob.newBuilder().setUri(reference.uri()));
    }
  }

  static flyteidl.core.Execution.ExecutionError error(ExecutionError error, boolean listed) {
    return flyteidl.core.Execution.ExecutionError.newBuilder()
        .setCode(error.code())
        .setMessage(listed ? beginning(error.message()) : error.message())
        .setKind(kind(error.kind()))
        .build();
  }

  private static ErrorKind kind(ExecutionError.Kind kind) {
    return switch (kind) {
      case UNKNOWN -> ErrorKind.UNKNOWN;
      case USER -> ErrorKind.USER;
      case SYSTEM -> ErrorKind.SYSTEM;
    };
  }

  /** The longest prefix of whole characters within this many bytes. */
  private static String beginning(String message) {
    var bytes = message.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= LISTED_ERROR_BYTES_MAX) {
      return message;
    }
    var end = LISTED_ERROR_BYTES_MAX;
    while (end > 0 && (bytes[end] & 0xc0) == 0x80) {
      end--;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8);
  }

  /** The time from start to end; null before the end, or without a start. */
  static @Nullable Duration duration(Timestamps moments) {
    var start = moments.startedAt();
    var end = moments.endedAt();
    if (start == null || end == null) {
      return null;
    }
    var duration = java.time.Duration.between(start, end);
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  static Timestamp createdAt(Timestamps moments) {
    var created = moments.createdAt();
    return Identifiers.timestamp(created == null ? moments.updatedAt() : created);
  }

  /** Clients read inline maps; this field is present but empty. */
  static UrlBlob noBlob() {
    return UrlBlob.newBuilder().setUrlBytes(ByteString.EMPTY).build();
  }
}
