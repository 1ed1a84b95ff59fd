package io.turboprop.event;

import io.turboprop.event.Journal.Step;
import io.turboprop.store.ExecutionChange.Sleep;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Plan;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one execution that are not published yet. Consecutive steps may be in memory; the
 * steps before and after them are read from the journal. Not thread-safe.
 */
final class Backlog {
  private static final int STEPS_READ_MAX = 100;

  private final AcceptedExecution execution;
  private final Plan plan;
  private final CompletableFuture<Void> published = new CompletableFuture<>();
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private long after;
  private long last;
  private boolean overflown;
  private @Nullable Sleep sleep;

  /**
   * @param after the last step that is known to be published
   */
  Backlog(AcceptedExecution execution, Plan plan, long after) {
    this.execution = execution;
    this.plan = plan;
    this.after = after;
    this.last = after;
  }

  AcceptedExecution execution() {
    return execution;
  }

  Plan plan() {
    return plan;
  }

  /** Completes when every step is published. */
  CompletableFuture<Void> published() {
    return published;
  }

  /** The last step that has been published. */
  long after() {
    return after;
  }

  /**
   * Adds the next step; a step that is known already is ignored.
   *
   * @param keep whether to keep the step in memory
   * @return whether the step was kept in memory; if not, this step and all after it are read from
   *     the journal later
   */
  boolean add(Step step, boolean keep) {
    if (step.sequenceNumber() <= last) {
      return false;
    }
    var follows = step.sequenceNumber() == last + 1;
    last = step.sequenceNumber();
    sleep = null;
    if (overflown || !keep || !follows) {
      overflown = true;
      return false;
    }
    return steps.add(step);
  }

  /** Records that the journal has steps up to this number. */
  void reach(long sequenceNumber) {
    if (sequenceNumber > last) {
      last = sequenceNumber;
      overflown = true;
    }
  }

  /**
   * Keeps the sleep of the execution, to be written with the last step; drops it if a later step is
   * known or arrives.
   */
  void sleep(long sequenceNumber, Sleep until) {
    reach(sequenceNumber);
    sleep = sequenceNumber == last ? until : sleep;
  }

  /**
   * The next steps to publish, from memory, or from the journal where memory has a gap; empty when
   * all are published.
   *
   * @param bytesMax about how many bytes to take from memory; at least one step is returned
   */
  List<Step> next(Journal journal, long bytesMax) throws IOException {
    while (!steps.isEmpty() && steps.getFirst().sequenceNumber() <= after) {
      steps.removeFirst();
    }
    if (after >= last) {
      return List.of();
    }
    if (!steps.isEmpty() && steps.getFirst().sequenceNumber() == after + 1) {
      return upTo(bytesMax);
    }
    var limit = steps.isEmpty() ? last - after : steps.getFirst().sequenceNumber() - 1 - after;
    var read = journal.read(execution.id(), after, (int) Math.min(limit, STEPS_READ_MAX));
    if (read.isEmpty() || read.getFirst().sequenceNumber() != after + 1) {
      throw new IllegalStateException(
          "the journal of %s has no step %d".formatted(execution.id(), after + 1));
    }
    return read;
  }

  /** The consecutive steps in memory, up to a size. */
  private List<Step> upTo(long bytesMax) {
    var taken = new ArrayList<Step>();
    var bytes = 0L;
    for (var step : steps) {
      if (bytes >= bytesMax) {
        break;
      }
      taken.add(step);
      bytes += step.bytes();
    }
    return taken;
  }

  /** About how many bytes are in memory. */
  long bytesAtHand() {
    return steps.stream().mapToLong(Step::bytes).sum();
  }

  /** The sleep to record with the step of this number; empty when there is none. */
  Optional<Sleep> sleepAfter(long sequenceNumber) {
    return sequenceNumber == last ? Optional.ofNullable(sleep) : Optional.empty();
  }

  /** Records that the steps up to this one are published; true when none is left. */
  boolean publishedThrough(long sequenceNumber) {
    after = sequenceNumber;
    return after >= last;
  }
}
