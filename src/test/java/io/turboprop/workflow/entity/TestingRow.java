package io.turboprop.workflow.entity;

import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Done;
import java.time.Instant;
import java.util.Optional;

/**
 * The row of one execution, and the view of what it has not yet seen, with the rules of the store:
 * {@code ProgressTables}, {@code WakeUpTables}, and the tables of signals, children and aborts.
 */
final class TestingRow {
  private final TestingWorld world;
  private WorkflowState shown;
  private long published;

  /** Empty while the execution is under way, as far as is known. */
  private Optional<Instant> wakeUp = Optional.empty();

  private Optional<String> abortCause = Optional.empty();

  TestingRow(TestingWorld world, WorkflowState shown) {
    this.world = world;
    this.shown = shown;
  }

  /** The number of the last step that it shows. */
  long published() {
    return published;
  }

  /** The state that it shows. */
  WorkflowState shown() {
    return shown;
  }

  boolean ended() {
    return shown instanceof Done;
  }

  /** When the execution is due; empty when it is under way, or sleeps without an end. */
  Optional<Instant> wakeUp() {
    return wakeUp.filter(at -> at.isBefore(Instant.MAX));
  }

  boolean sleepsWithoutEnd() {
    return wakeUp.equals(Optional.of(Instant.MAX));
  }

  /** Shows a step, unless it is shown already; the execution is under way from then on. */
  void publish(long through, WorkflowState after) {
    if (through > published && !ended()) {
      published = through;
      shown = after;
      wakeUp = Optional.empty();
    }
  }

  /**
   * Lays the execution to sleep, unless another step is shown; it is due if something is unseen.
   */
  void sleep(long sequenceNumber, Optional<Instant> until) {
    if (sequenceNumber == published && !ended()) {
      wakeUp = Optional.of(until.orElse(Instant.MAX));
      if (!unseen().equals(Unseen.NONE)) {
        wakeUp = Optional.of(Instant.MIN);
      }
    }
  }

  /** A fact was stored that a node of it waits for. */
  void notified() {
    wakeUp = wakeUp.map(_ -> Instant.MIN);
  }

  void requestAbort(String cause) {
    abortCause = Optional.of(cause);
    notified();
  }

  /**
   * Whether the waker activates the execution now: it is due, or should be in memory.
   *
   * @param again when it is due again if nothing comes of it
   */
  boolean takeDue(Instant now, Instant again) {
    if (ended() || wakeUp.filter(now::isBefore).isPresent()) {
      return false;
    }
    wakeUp = wakeUp.map(_ -> again);
    return true;
  }

  Unseen unseen() {
    return ended() ? Unseen.NONE : new Unseen(abortCause, world.unseen(shown));
  }
}
