package io.turboprop.plugin.pod;

import io.turboprop.data.ExecutionError;
import io.turboprop.plugin.TaskPhase;
import java.time.Duration;
import java.util.Optional;

/** The phase of an attempt that its pod's status shows. */
sealed interface PodPhase {

  /**
   * The attempt has not ended.
   *
   * @param again when the same status may mean something else: a grace period ends then
   */
  record Active(TaskPhase phase, String reason, Optional<Duration> again) implements PodPhase {}

  /** The containers have done their work; the files say whether the task has. */
  record Succeeded() implements PodPhase {}

  /** The attempt has failed. */
  record Failed(ExecutionError error, boolean recoverable) implements PodPhase {}
}
