package io.turboprop.event;

import io.turboprop.data.ExecutionId;
import io.turboprop.event.Journal.Step;
import io.turboprop.store.ExecutionChange.Sleep;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.Publisher;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.WorkflowStep;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes steps to the tables that clients read. Steps that arrive during a transaction are
 * collected for the next one. Each step is applied exactly once.
 *
 * <p>The memory of waiting steps is bounded, in bytes: a step beyond the bound is dropped from
 * memory, and later read from the journal. So a long outage of the database loses nothing. If this
 * JVM dies, the next owner of the execution calls {@link #catchUp}.
 */
public final class TablePublisher implements Publisher, AutoCloseable {
  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(TablePublisher.class);

  private final EventSettings settings;
  private final BacklogWriter writer;
  private final Thread thread;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Condition closing = lock.newCondition();
  private final Map<Long, Backlog> waiting = new LinkedHashMap<>();
  private long bytesWaiting;
  private boolean closed;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  private TablePublisher(BacklogWriter writer, EventSettings settings) {
    this.writer = writer;
    this.settings = settings;
    // The thread waits for the database most of the time; a virtual thread would switch more often.
    this.thread = Thread.ofPlatform().daemon().name("table-publisher").unstarted(this::run);
  }

  /** Starts a publisher; close it to stop. */
  public static TablePublisher start(BacklogWriter writer, EventSettings settings) {
    var publisher = new TablePublisher(writer, settings);
    publisher.thread.start();
    return publisher;
  }

  @Override
  public CompletionStage<Void> publish(
      AcceptedExecution execution, Plan plan, long sequenceNumber, WorkflowStep step) {
    return add(
        execution,
        plan,
        sequenceNumber - 1,
        backlog -> {
          var room = bytesWaiting < settings.bufferedBytesMax();
          var added = new Step(sequenceNumber, step.events());
          if (backlog.add(added, room)) {
            bytesWaiting += added.bytes();
          }
        });
  }

  @Override
  public CompletionStage<Void> catchUp(
      AcceptedExecution execution, Plan plan, long sequenceNumber) {
    return add(
        execution, plan, execution.publishedThrough(), backlog -> backlog.reach(sequenceNumber));
  }

  @Override
  public CompletionStage<Void> passivated(
      AcceptedExecution execution, Plan plan, long sequenceNumber, Optional<Instant> wakeUp) {
    return add(
        execution,
        plan,
        sequenceNumber,
        backlog -> backlog.sleep(sequenceNumber, new Sleep(wakeUp)));
  }

  @Override
  public CompletionStage<Void> park(ExecutionId execution, Parking parking) {
    return writer.park(execution, parking);
  }

  /**
   * Adds a step to the backlog of an execution.
   *
   * @param after the step before, used if the execution has no backlog yet
   */
  private CompletionStage<Void> add(
      AcceptedExecution execution, Plan plan, long after, Consumer<Backlog> addition) {
    lock.lock();
    try {
      if (closed) {
        return CompletableFuture.failedStage(
            new RejectedExecutionException("the publisher is closed"));
      }
      var backlog =
          waiting.computeIfAbsent(execution.number(), _ -> new Backlog(execution, plan, after));
      addition.accept(backlog);
      arrived.signal();
      return backlog.published().minimalCompletionStage();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      for (var batch = take(); !batch.isEmpty(); batch = take()) {
        write(batch);
      }
      ended.complete(null);
    } catch (InterruptedException e) {
      refuseWaiting(e);
      ended.complete(null);
      Thread.currentThread().interrupt();
    } catch (Error e) {
      LOG.error("the publisher has failed; nothing more is published", e);
      refuseWaiting(e);
      ended.completeExceptionally(e);
      throw e;
    }
  }

  /**
   * Writes a batch. An unexpected exception fails the batch; the owners of its executions publish
   * again.
   */
  private void write(List<Backlog> batch) throws InterruptedException {
    try {
      writer.write(batch);
    } catch (RuntimeException e) {
      LOG.error("a batch failed; {} executions are published later", batch.size(), e);
      batch.forEach(backlog -> backlog.published().completeExceptionally(e));
    } catch (InterruptedException | Error e) {
      refuse(batch, e);
      throw e;
    }
  }

  /**
   * Fails these backlogs because the publisher has stopped, which is no failure of their
   * executions.
   */
  private static void refuse(List<Backlog> backlogs, Throwable reason) {
    var refusal = new RejectedExecutionException("the publisher has stopped", reason);
    backlogs.forEach(backlog -> backlog.published().completeExceptionally(refusal));
  }

  private void refuseWaiting(Throwable reason) {
    var left = new ArrayList<Backlog>();
    lock.lock();
    try {
      closed = true;
      left.addAll(waiting.values());
      waiting.clear();
    } finally {
      lock.unlock();
    }
    refuse(left, reason);
  }

  /** Completes when the publisher has stopped; exceptionally if an error has stopped it. */
  public CompletionStage<Void> ended() {
    return ended.minimalCompletionStage();
  }

  /**
   * The next batch. Waits for a backlog, and then for a short pause, since further steps usually
   * follow. Empty when the publisher is closed and no backlog is left.
   */
  private List<Backlog> take() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (waiting.isEmpty() && !closed) {
        arrived.await();
      }
      var left = settings.pause().toNanos();
      while (left > 0 && !closed) {
        left = closing.awaitNanos(left);
      }
      return taken();
    } finally {
      lock.unlock();
    }
  }

  /** The backlogs that have waited longest, up to the size of a batch. */
  private List<Backlog> taken() {
    var batch = new ArrayList<Backlog>();
    long bytes = 0;
    for (var each = waiting.values().iterator(); each.hasNext(); ) {
      var backlog = each.next();
      if (bytes >= settings.batchBytesMax()) {
        break;
      }
      each.remove();
      batch.add(backlog);
      bytes += backlog.bytesAtHand();
    }
    bytesWaiting -= bytes;
    return batch;
  }

  /**
   * Publishes the waiting steps and stops. Steps that are not written within ten seconds are left
   * to the next owner of their executions.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      arrived.signalAll();
      closing.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      if (!thread.join(CLOSE_WAIT_MAX)) {
        // The thread may hang in a call that can't be interrupted. As a daemon it does not keep the
        // process.
        LOG.warn("steps that are not published yet are left to the next owner of their executions");
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
