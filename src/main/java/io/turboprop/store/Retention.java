package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.setting.PeriodicJob;
import io.turboprop.store.OldExecutions.DueExecution;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes executions that ended long ago, the oldest first, in batches. It first deletes their
 * files, and then, in one transaction, their rows, their journals and the plans that only their
 * dynamic nodes used. So a crash in between leaves no files without a row, and no lock on a row is
 * held while files are deleted. A sweep continues until nothing is left to delete.
 *
 * <p>If the files of an execution can't be deleted, the execution is kept for the next sweep, and
 * the sweep continues with the others. A child execution is deleted after its parent, because the
 * parent may refer to the child's outputs. Only one process sweeps at a time: otherwise a process
 * could delete the files of a new execution whose name became free when another process deleted the
 * old execution. While files are deleted, {@link DeletionLocks} keep out new executions with the
 * same name or folder.
 */
public final class Retention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  /** How long {@link #close()} waits for deletions that are under way. */
  private static final Duration END_WITHIN = Duration.ofSeconds(10);

  /** The number of threads that delete files, each for one execution at a time. */
  private static final int FILE_THREADS = 8;

  /** The most attempts of one batch; a larger batch is divided. */
  private static final int ATTEMPTS_MAX = 20_000;

  /**
   * The most executions that are locked at once; PostgreSQL's lock table has room for some thousand
   * locks.
   */
  private static final int LOCKED_MAX = 500;

  /** The start of a pass: a position before all executions. */
  private static final DueExecution FIRST =
      new DueExecution(0, new ExecutionId("", "", ""), ByteString.EMPTY, Instant.EPOCH);

  /** The key of the lock that the sweeping process holds. */
  private static final Field<Long> SWEEP =
      DSL.function("hashtextextended", Long.class, DSL.inline("retention"), DSL.inline(0L));

  private final Database database;
  private final OldExecutions executions;
  private final StoreSettings.Retention settings;
  private final Files files;
  private final Clock clock;
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("retention").factory());
  private volatile boolean closed;

  /** The files of executions, outside of the database. */
  @FunctionalInterface
  public interface Files {
    /**
     * Deletes the files of an execution, except those that it shares. May block. Several threads
     * call it at once; it is called again after a failure or a crash.
     */
    void delete(OldExecution execution) throws IOException;
  }

  /**
   * An execution to delete.
   *
   * @param spec a serialized {@code flyteidl.admin.ExecutionSpec}
   * @param attempts the attempts of all its tasks
   * @param sharesName whether an execution of another project or domain has its name
   * @param sharesFolder whether another execution's project, domain and name make the same folder
   */
  public record OldExecution(
      ExecutionId id,
      ByteString spec,
      List<Attempt> attempts,
      boolean sharesName,
      boolean sharesFolder) {}

  /**
   * An attempt of a task.
   *
   * @param number from 0
   * @param element whether it is one of many that an array runs
   */
  public record Attempt(NodePath path, int number, boolean element) {}

  /**
   * @param persistenceId gives the id of an execution's journal
   */
  public Retention(
      Database database,
      StoreSettings.Retention settings,
      Function<ExecutionId, String> persistenceId,
      Files files,
      Clock clock) {
    this.database = database;
    this.executions = new OldExecutions(database, persistenceId);
    this.settings = settings;
    this.files = files;
    this.clock = clock;
  }

  /** Starts the periodic sweep, unless executions are kept for ever. */
  public void start() {
    if (settings.keep().isPositive()) {
      var pause = settings.interval().toMillis();
      var _ =
          schedule.scheduleWithFixedDelay(
              PeriodicJob.of(
                  LOG,
                  "old executions can't be deleted now; the next sweep retries",
                  this::sweepAndReport),
              pause,
              pause,
              TimeUnit.MILLISECONDS);
    }
  }

  private void sweepAndReport() {
    var deleted = sweep();
    if (deleted > 0) {
      LOG.info("{} executions that ended before {} ago deleted", deleted, settings.keep());
    }
  }

  /**
   * Deletes all executions that are old enough, unless another process is sweeping.
   *
   * @return the number of deleted executions
   */
  public int sweep() {
    return database.sql().connectionResult(connection -> sweepAlone(DSL.using(connection)));
  }

  /**
   * The lock belongs to the connection, without a transaction; PostgreSQL frees it when the
   * connection breaks.
   */
  private int sweepAlone(DSLContext holder) {
    var lock = DSL.function("pg_try_advisory_lock", Boolean.class, SWEEP);
    if (!holder.select(lock).fetchSingle().value1()) {
      return 0;
    }
    try {
      return deleteAllDue(holder);
    } finally {
      // This also frees the locks of executions that a failed statement has left.
      holder.select(DSL.function("pg_advisory_unlock_all", Object.class)).fetchSingle();
    }
  }

  /**
   * Repeats passes until one deletes nothing: a pass may delete the parents of older executions, so
   * each pass begins from the oldest.
   */
  private int deleteAllDue(DSLContext holder) {
    var all = 0;
    for (int deleted = pass(holder); deleted > 0; deleted = closed ? 0 : pass(holder)) {
      all += deleted;
    }
    return all;
  }

  private int pass(DSLContext holder) {
    var before = clock.instant().minus(settings.keep());
    var batchSize = Math.min(settings.batchSize(), LOCKED_MAX);
    var deleted = 0;
    var due = executions.due(before, FIRST, batchSize);
    while (!due.isEmpty() && !closed) {
      deleted += delete(holder, due);
      due = executions.due(before, due.getLast(), batchSize);
    }
    return deleted;
  }

  /** Deletes a batch; returns the number of deleted executions. */
  private int delete(DSLContext holder, List<DueExecution> batch) {
    var attempts = executions.attempts(batch, ATTEMPTS_MAX + 1);
    if (batch.size() > 1 && isMoreThanMax(attempts)) {
      var middle = batch.size() / 2;
      return delete(holder, batch.subList(0, middle))
          + delete(holder, batch.subList(middle, batch.size()));
    }
    var all = batch.size() == 1 ? executions.attempts(batch, Integer.MAX_VALUE) : attempts;
    try (var locks = DeletionLocks.take(holder, batch)) {
      return deleteLocked(locks, batch.stream().filter(locks::cover).toList(), all);
    }
  }

  private int deleteLocked(
      DeletionLocks locks, List<DueExecution> batch, Map<Long, List<Attempt>> attempts) {
    var shared = executions.shared(batch);
    return executions.delete(
        withoutFiles(
            locks,
            batch,
            due ->
                new OldExecution(
                    due.id(),
                    due.spec(),
                    attempts.getOrDefault(due.number(), List.of()),
                    shared.names().contains(due.number()),
                    shared.folders().contains(due.number()))));
  }

  private static boolean isMoreThanMax(Map<Long, List<Attempt>> attempts) {
    return attempts.values().stream().mapToInt(List::size).sum() > ATTEMPTS_MAX;
  }

  /** Deletes the files of a batch; returns the executions whose files are all deleted. */
  private List<DueExecution> withoutFiles(
      DeletionLocks locks,
      List<DueExecution> batch,
      Function<DueExecution, OldExecution> execution) {
    var deleted = new ConcurrentLinkedQueue<DueExecution>();
    var left = new ConcurrentLinkedQueue<>(batch);
    var workers = new ArrayList<Thread>();
    for (int i = 0; i < Math.min(FILE_THREADS, batch.size()); i++) {
      workers.add(
          Thread.ofVirtual()
              .name("retention-files-", i)
              .start(() -> deleteFiles(locks, left, execution, deleted)));
    }
    try {
      for (var worker : workers) {
        worker.join();
      }
    } catch (InterruptedException e) {
      workers.forEach(Thread::interrupt);
      awaitInterrupted(workers);
      Thread.currentThread().interrupt();
    }
    return List.copyOf(deleted);
  }

  /**
   * Waits for the threads even when interrupted, because the locks must be held while files are
   * deleted.
   */
  private static void awaitInterrupted(List<Thread> workers) {
    try {
      for (var worker : workers) {
        var _ = worker.join(END_WITHIN);
      }
    } catch (InterruptedException _) {
      LOG.warn("files of old executions may still be deleted, though the process ends");
    }
  }

  private void deleteFiles(
      DeletionLocks locks,
      Queue<DueExecution> left,
      Function<DueExecution, OldExecution> execution,
      Queue<DueExecution> deleted) {
    for (var due = left.poll(); due != null && !closed; due = left.poll()) {
      if (isWithoutFiles(locks, execution.apply(due))) {
        deleted.add(due);
      }
    }
  }

  private boolean isWithoutFiles(DeletionLocks locks, OldExecution execution) {
    try {
      locks.requireHeld();
      files.delete(execution);
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} is kept until its files can be deleted", execution.id(), e);
      return false;
    }
  }

  /** Stops the sweep: waits for deletions under way, at most {@link #END_WITHIN}. */
  @Override
  public void close() {
    close(END_WITHIN);
  }

  /** Interrupts deletions that are still under way after this time; the next sweep repeats them. */
  void close(Duration within) {
    closed = true;
    schedule.shutdown();
    try {
      if (!schedule.awaitTermination(within.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn(
            "old executions are still being deleted after {}; the next start continues", within);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    schedule.shutdownNow();
  }
}
