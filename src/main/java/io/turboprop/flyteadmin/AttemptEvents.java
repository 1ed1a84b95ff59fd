package io.turboprop.flyteadmin;

import flyteidl.core.Execution.TaskExecution;
import flyteidl.core.IdentifierOuterClass.WorkflowExecutionIdentifier;
import flyteidl.event.Event.TaskExecutionEvent;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.store.ArrayElementChange;
import io.turboprop.store.NodeExecutionChange;
import io.turboprop.store.TaskExecutionChange;
import io.turboprop.workflow.state.WorkflowEvent;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the events of an execution's task attempts, and of the elements of arrays, which FlyteAdmin
 * knows as a part of the array's attempt. Not thread-safe.
 */
final class AttemptEvents {
  private final ExecutionId execution;
  private final String producer;
  private final WorkflowExecutionIdentifier id;
  private final Map<TaskExecutionChange.Key, Attempt> attempts = new HashMap<>();

  /** The changes of elements since the last event of their array. */
  private final Map<TaskExecutionChange.Key, ElementEvents> elements = new LinkedHashMap<>();

  /**
   * The last report of an attempt's plugin.
   *
   * @param phaseVersion the plugin's version within the phase
   */
  private record Reported(EntityId task, TaskExecution.Phase phase, int phaseVersion) {
    boolean hasEnded() {
      return switch (phase) {
        case SUCCEEDED, FAILED, ABORTED -> true;
        case UNDEFINED,
            QUEUED,
            RUNNING,
            INITIALIZING,
            WAITING_FOR_RESOURCES,
            RETRYABLE_FAILED,
            UNRECOGNIZED ->
            false;
      };
    }

    boolean covers(TaskExecution.Phase later, int version) {
      return hasEnded() || (phase == later && version <= phaseVersion);
    }
  }

  /**
   * The last event of an attempt.
   *
   * @param version the version that FlyteAdmin got, which grows over all phases
   */
  private record Attempt(Reported reported, int version) {}

  /**
   * @param producer the name of this engine for FlyteAdmin
   */
  AttemptEvents(ExecutionId execution, String producer, WorkflowExecutionIdentifier id) {
    this.execution = execution;
    this.producer = producer;
    this.id = id;
  }

  /** About how many attempts this holds in memory. */
  int size() {
    return attempts.size();
  }

  /** Collects the change of an element of an array. */
  void collect(ArrayElementChange change, NodePath array) {
    elements
        .computeIfAbsent(
            new TaskExecutionChange.Key(change.execution(), change.key().nodeId(), 0),
            _ -> ElementEvents.of(execution, change, array))
        .add(change);
  }

  /**
   * Adds the event of an attempt that has changed, unless an earlier event has reported this phase
   * and version.
   *
   * @param node the change of the attempt's node, if the event changes it too
   */
  void add(
      List<FlyteEvent> events,
      TaskExecutionChange change,
      WorkflowEvent event,
      Optional<NodeExecutionChange> node) {
    var known = attempts.get(change.key());
    var phase = phase(change);
    var task = known == null ? change.task() : known.reported().task();
    if (task == null || (known != null && known.reported().covers(phase, change.phaseVersion()))) {
      return;
    }
    var path = ((WorkflowEvent.NodeEvent) event).node();
    var files = node.map(NodeExecutionChange::attempt).orElse(change.key().attempt());
    var startedAt = change.moments().startedAt();
    if (phase != TaskExecution.Phase.RUNNING
        && startedAt != null
        && (known == null || known.reported().phase() != TaskExecution.Phase.RUNNING)) {
      var begun = attempt(change.key(), task, TaskExecution.Phase.RUNNING, change, startedAt);
      events.add(new FlyteEvent.TaskEvent(begun.build(), path, files, Optional.empty()));
    }
    var message = attempt(change.key(), task, phase, change, event.at());
    if (change.error() instanceof ExecutionError error) {
      message.setError(EventMessages.error(error));
    }
    if (change.elements() instanceof Integer size) {
      ElementEvents.addQueued(message, execution, change.key().nodeId(), files, size);
    }
    var pending = elements.remove(change.key());
    if (pending != null) {
      pending.addTo(message);
    }
    var outputs =
        event instanceof WorkflowEvent.NodeSucceeded(_, _, var made, _, _)
            ? Optional.of(made)
            : Optional.<Values>empty();
    events.add(new FlyteEvent.TaskEvent(message.build(), path, files, outputs));
  }

  private static TaskExecution.Phase phase(TaskExecutionChange change) {
    var phase = TaskExecution.Phase.forNumber(change.phase());
    return phase == TaskExecution.Phase.UNDEFINED ? TaskExecution.Phase.QUEUED : phase;
  }

  /**
   * The event of an attempt that comes to a phase. The versions that FlyteAdmin gets only grow,
   * over all phases: FlyteAdmin keeps the version of the phase before when a phase begins with 0,
   * and refuses the events that follow with smaller versions.
   */
  private TaskExecutionEvent.Builder attempt(
      TaskExecutionChange.Key key,
      EntityId task,
      TaskExecution.Phase phase,
      TaskExecutionChange change,
      Instant at) {
    return attempt(key, new Reported(task, phase, change.phaseVersion()), at)
        .mergeFrom(EventMessages.details(change.details()));
  }

  private TaskExecutionEvent.Builder attempt(
      TaskExecutionChange.Key key, Reported reported, Instant at) {
    var known = attempts.get(key);
    var version = known == null ? 0 : known.version() + 1;
    attempts.put(key, new Attempt(reported, version));
    return TaskExecutionEvent.newBuilder()
        .setTaskId(reported.task().toMessage())
        .setParentNodeExecutionId(EventMessages.nodeId(id, key.nodeId()))
        .setRetryAttempt(key.attempt())
        .setProducerId(producer)
        .setPhase(reported.phase())
        .setPhaseVersion(version)
        .setOccurredAt(EventMessages.timestamp(at))
        .setEventVersion(EventMessages.VERSION);
  }

  /** Adds the collected changes of elements of arrays, as events of the arrays' attempts. */
  void addElements(List<FlyteEvent> events) {
    elements.forEach((key, changed) -> {
      var known = attempts.get(key);
      if (known != null && !known.reported().hasEnded()) {
        var message = attempt(key, known.reported(), changed.at());
        changed.addTo(message);
        events.add(
            new FlyteEvent.TaskEvent(
                message.build(), changed.path(), changed.attempt(), Optional.empty()));
      }
    });
    elements.clear();
  }
}
