package io.turboprop.executor;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Timestamp;
import io.turboprop.data.DataReference;
import io.turboprop.executor.v1.AttemptRequest;
import io.turboprop.plugin.TaskContext;
import java.io.IOException;
import java.time.Instant;

/** The stored form of a {@link TaskContext}, from which an executor makes an equal one. */
final class Requests {
  private Requests() {}

  /**
   * Encodes a context; writes the inputs to the store if they are not there yet. Blocks.
   *
   * @param state the plugin's own state
   */
  static ByteString encode(TaskContext task, ByteString state) throws IOException {
    var execution = task.execution();
    return AttemptRequest.newBuilder()
        .setProject(execution.project())
        .setDomain(execution.domain())
        .setName(execution.name())
        .setPath(task.path().text())
        .setNodeId(task.nodeId())
        .setAttempt(task.attempt())
        .setAttemptsMax(task.attemptsMax())
        .setDueBy(timestamp(task.dueBy()))
        .setPosition(task.position())
        .setGeneratedName(task.generatedName())
        .setTemplate(task.template())
        .setOverrides(task.overrides())
        .setInputs(task.inputs().bytes())
        .setInputsFile(task.inputsFile().uri())
        .setOutputPrefix(task.outputPrefix().uri())
        .setRawOutputPrefix(task.rawOutputPrefix().uri())
        .setCheckpointPrefix(task.checkpointPrefix().uri())
        .setPreviousCheckpointPrefix(
            task.previousCheckpointPrefix().map(DataReference::uri).orElse(""))
        .putAllEnvironment(task.environment())
        .putAllLabels(task.labels())
        .putAllAnnotations(task.annotations())
        .setSecurityContext(task.securityContext())
        .setInterruptible(task.interruptible())
        .setExecutionClusterLabel(task.executionClusterLabel())
        .setClusterPool(task.clusterPool())
        .setWorkflow(task.workflow())
        .setLaunchPlan(task.launchPlan())
        .setPluginState(state)
        .build()
        .toByteString();
  }

  private static Timestamp timestamp(Instant moment) {
    return Timestamp.newBuilder()
        .setSeconds(moment.getEpochSecond())
        .setNanos(moment.getNano())
        .build();
  }

  /**
   * Parses a stored request.
   *
   * @throws IllegalArgumentException when the bytes are not a request
   */
  static AttemptRequest decode(ByteString bytes) {
    try {
      return AttemptRequest.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("the stored request can't be read: " + e.getMessage(), e);
    }
  }
}
