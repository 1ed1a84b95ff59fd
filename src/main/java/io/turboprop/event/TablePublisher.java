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
 * Publishes to the tables that clients read. While one transaction is under way, all that arrives
 * is collected, and goes into the next one; each step counts exactly once.
 *
 * <p>Memory is bounded, by bytes: beyond the bound a step is forgotten, and read from the journal
 * when its turn has come. So nothing is lost when the database is away for long, nor when this JVM
 * dies: then the execution's next owner calls {@link #catchUp}.
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
    // It waits for the database most of the time: a virtual one would cost more switches.
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
   * Adds to what waits for an execution.
   *
   * @param after the last step before, if nothing waits yet
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
      return backlog.told().minimalCompletionStage();
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
      LOG.error("nothing can be told any more", e);
      refuseWaiting(e);
      ended.completeExceptionally(e);
      throw e;
    }
  }

  /** What a batch meets that nobody thought of ends the batch; its executions come again. */
  private void write(List<Backlog> batch) throws InterruptedException {
    try {
      writer.write(batch);
    } catch (RuntimeException e) {
      LOG.error("{} executions can't be told further now", batch.size(), e);
      batch.forEach(backlog -> backlog.told().completeExceptionally(e));
    } catch (InterruptedException | Error e) {
      refuse(batch, e);
      throw e;
    }
  }

  /** That nothing more is written is no fault of theirs. */
  private static void refuse(List<Backlog> backlogs, Throwable reason) {
    var refusal = new RejectedExecutionException("the publisher has stopped", reason);
    backlogs.forEach(backlog -> backlog.told().completeExceptionally(refusal));
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

  /** Completes once it writes no more; exceptionally when the JVM can't go on. */
  public CompletionStage<Void> ended() {
    return ended.minimalCompletionStage();
  }

  /**
   * Waits for something to write, and then for a moment more, since steps seldom come alone; empty
   * when the publisher is closed and nothing is left.
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

  /** The longest waiting first, up to the size of a batch. */
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
   * Writes what is waiting, and stops. What can't be written in ten seconds is left to the next
   * owner of the executions.
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
        // It may hang in a call that nothing interrupts; it does not keep the process.
        LOG.warn("what is not told yet is left to the next owner of the executions");
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}
