package io.turboprop.store;

import io.turboprop.data.ExecutionId;
import java.time.Instant;
import java.util.Optional;

/**
 * An execution that somebody has to see to, for it is under way or has slept long enough.
 *
 * @param abortCause that a client wants it to end, and why
 */
public record DueExecution(ExecutionId id, Place place, Optional<String> abortCause) {

  /** Where an execution stands among those that are due: the longest due come first. */
  public record Place(Instant wakeUp, long number) {
    /** Before all. */
    public static final Place FIRST = new Place(Instant.EPOCH, 0);
  }
}
