package io.turboprop.workflow.state;

import com.google.protobuf.ByteString;
import java.util.Optional;

/**
 * What a running attempt wants to find again after a restart, and to show meanwhile. Opaque to the
 * machine.
 *
 * @param phase the task plugin's phase, tasks §1.1
 * @param phaseVersion grows with each news within one phase
 * @param state the plugin's own bytes, at most {@link #STATE_BYTES_MAX}
 * @param details what clients see of the attempt: a serialized {@code
 *     flyteidl.event.TaskExecutionEvent} with logs, reason, custom info and metadata only
 * @param deckUri where the deck lies that the task has published; empty until it has
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

  /** What of this is to be recorded: of a version that is known already, nothing but the state. */
  public Progress since(Progress known) {
    return phase == known.phase && phaseVersion <= known.phaseVersion
        ? new Progress(phase, known.phaseVersion, state, known.details, deckUri.or(known::deckUri))
        : this;
  }

  /**
   * Whether the attempt is past all waiting: for its turn, for a slot, for the start of a pod. From
   * then on its timeout counts.
   */
  public boolean hasStarted() {
    return phase >= RUNNING;
  }
}
