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
 * What is still to be told of one execution: steps that are at hand, and before and after them
 * perhaps some that only the journal has. Not thread-safe.
 */
final class Backlog {
  private static final int STEPS_READ_MAX = 100;

  private final AcceptedExecution execution;
  private final Plan plan;
  private final CompletableFuture<Void> told = new CompletableFuture<>();
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private long after;
  private long last;
  private boolean overflown;
  private @Nullable Sleep sleep;

  /**
   * @param after the last step that is known to have been told
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

  /** Completes when all has been told. */
  CompletableFuture<Void> told() {
    return told;
  }

  /** The last step that has been told. */
  long after() {
    return after;
  }

  /**
   * Adds the next step; one that is known is ignored.
   *
   * @param keep whether there is room for it in memory
   * @return whether it was kept; if not, it will be read from the journal, and so will all after it
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

  /** Notes that the journal has steps up to this one. */
  void reach(long sequenceNumber) {
    if (sequenceNumber > last) {
      last = sequenceNumber;
      overflown = true;
    }
  }

  /** Lays the execution to sleep once all is told, unless there is more than this step. */
  void sleep(long sequenceNumber, Sleep until) {
    reach(sequenceNumber);
    sleep = sequenceNumber == last ? until : sleep;
  }

  /**
   * The next steps to be told, from memory or else from the journal; empty at the end.
   *
   * @param bytesMax about how much of what is at hand is wanted; at least one step is returned
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

  /** Those at hand that follow on one another, up to a size. */
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

  /** About how much is in memory. */
  long bytesAtHand() {
    return steps.stream().mapToLong(Step::bytes).sum();
  }

  /** How the execution is laid to sleep with its last step. */
  Optional<Sleep> sleepAfter(long sequenceNumber) {
    return sequenceNumber == last ? Optional.ofNullable(sleep) : Optional.empty();
  }

  /** Notes that the steps up to this one have been told; whether that was all. */
  boolean toldThrough(long sequenceNumber) {
    after = sequenceNumber;
    return after >= last;
  }
}
