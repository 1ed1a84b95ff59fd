package io.turboprop.workflow.state;

import com.google.protobuf.ByteString;
import java.util.Optional;

/**
 * The recorded progress of a running attempt: the plugin's state for a restart, and the details for
 * clients. Opaque to the machine.
 *
 * @param phase the number of the task plugin's phase ({@code plugin.TaskPhase})
 * @param phaseVersion grows with each change within one phase
 * @param state the plugin's own bytes, at most {@link #STATE_BYTES_MAX}
 * @param details the details that clients see: a serialized {@code
 *     flyteidl.event.TaskExecutionEvent} with logs, reason, custom info and metadata only
 * @param deckUri the location of the task's deck; empty until the task has published it
 */
public record Progress(
    int phase, int phaseVersion, ByteString state, ByteString details, Optional<String> deckUri) {
  public static final int STATE_BYTES_MAX = 256;

  private static final int RUNNING = 5;

  /** Progress of an attempt that has published no deck. */
  public Progress(int phase, int phaseVersion, ByteString state, ByteString details) {
    this(phase, phaseVersion, state, details, Optional.empty());
  }

  public static final Progress NONE = new Progress(0, 0, ByteString.EMPTY, ByteString.EMPTY);

  /** The part of this progress to record: if its version is known already, only the state. */
  public Progress since(Progress known) {
    return phase == known.phase && phaseVersion <= known.phaseVersion
        ? new Progress(phase, known.phaseVersion, state, known.details, deckUri.or(known::deckUri))
        : this;
  }

  /**
   * Whether the attempt has left all queues: it waits for no slot and for no start of a pod. From
   * then on its timeout counts.
   */
  public boolean hasStarted() {
    return phase >= RUNNING;
  }
}
