package io.turboprop.plugin.pod;

import com.google.protobuf.ByteString;
import io.turboprop.plugin.TaskPhase;
import java.util.Optional;

/**
 * The recorded state of an attempt whose pod was created: the last reported phase, its version, and
 * the hash of its reason, which shows whether a later reason is new.
 */
record PodState(TaskPhase phase, int version, int reason) {
  private static final String SEPARATOR = " ";

  /** The state of an attempt; empty when its pod has not been created yet. */
  static Optional<PodState> parse(ByteString state) {
    if (state.isEmpty()) {
      return Optional.empty();
    }
    var parts = state.toStringUtf8().split(SEPARATOR, -1);
    return Optional.of(
        new PodState(
            TaskPhase.valueOf(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2])));
  }

  ByteString bytes() {
    return ByteString.copyFromUtf8(
        String.join(SEPARATOR, phase.name(), Integer.toString(version), Integer.toString(reason)));
  }

  /**
   * The state after a look: a new reason within a phase gets a new version, so that it is
   * published; a running pod has version 1 from its first log on, as in Flyte.
   */
  PodState next(TaskPhase now, String why, boolean hasLogs) {
    var hash = why.hashCode();
    if (now == TaskPhase.RUNNING) {
      return new PodState(now, hasLogs ? 1 : 0, hash);
    }
    if (now != phase) {
      return new PodState(now, 0, hash);
    }
    return hash == reason ? this : new PodState(now, version + 1, hash);
  }
}
