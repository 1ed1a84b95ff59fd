package io.turboprop.workflow;

import com.google.protobuf.ByteString;

/**
 * What a running attempt wants to find again after a restart, and to show meanwhile. Opaque to the
 * machine.
 *
 * @param phase the task plugin's phase, tasks §1.1
 * @param phaseVersion grows with each news within one phase
 * @param state the plugin's own bytes, at most a few hundred
 * @param details what clients see of the attempt: a serialized {@code
 *     flyteidl.event.TaskExecutionEvent} with logs, reason, custom info and metadata only
 */
public record Progress(int phase, int phaseVersion, ByteString state, ByteString details) {
  private static final int INITIALIZING = 4;

  public static final Progress NONE = new Progress(0, 0, ByteString.EMPTY, ByteString.EMPTY);

  /** Whether the attempt is past all waiting: from then on its execution deadline counts. */
  public boolean hasStarted() {
    return phase >= INITIALIZING;
  }
}
