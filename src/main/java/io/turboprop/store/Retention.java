package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
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
 * Deletes executions that ended long ago, the oldest first and many at a time: their files, then,
 * in one transaction, their rows, their journals and the plans that only their dynamic nodes
 * referred to. So a crash in between leaves no files without a row, and no lock on a row is held
 * while files are deleted. A sweep goes on until it finds nothing more to delete.
 *
 * <p>An execution whose files can't be deleted is kept for the next sweep, and is in no other
 * execution's way. An execution that another has started is deleted after that other, which may
 * refer to its outputs where they lie. Of several processes one sweeps at a time: so none deletes
 * files of a new execution whose name is free since another process has deleted the old one. While
 * files are deleted, {@link DeletionLocks} keep out new executions that share the name or folder.
 */
public final class Retention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  /** How long {@link #close()} waits for what is being deleted. */
  private static final Duration END_WITHIN = Duration.ofSeconds(10);

  /** Files of how many executions are deleted at once. */
  private static final int FILES_AT_ONCE = 8;

  /** The attempts that are known at once; a batch that has more is divided. */
  private static final int ATTEMPTS_MAX = 20_000;

  /** The executions that are locked at once: the server has room for some thousand locks. */
  private static final int LOCKED_MAX = 500;

  /** Where a pass begins: before every execution. */
  private static final DueExecution FIRST =
      new DueExecution(0, new ExecutionId("", "", ""), ByteString.EMPTY, Instant.EPOCH);

  /** What is locked while one process sweeps. */
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

  /** What executions have left outside of the database. */
  @FunctionalInterface
  public interface Files {
    /**
     * Deletes all of it but what is shared; may block, is called by several threads at once, and is
     * repeated after a failure or a crash.
     */
    void delete(OldExecution execution) throws IOException;
  }

  /**
   * An execution that is to be deleted.
   *
   * @param spec a serialized {@code flyteidl.admin.ExecutionSpec}
   * @param attempts of all its tasks
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
   * @param persistenceId under which the journal knows an execution
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

  /** Sweeps again and again, unless executions are kept for ever. */
  public void start() {
    if (settings.keep().isPositive()) {
      var pause = settings.interval().toMillis();
      var _ =
          schedule.scheduleWithFixedDelay(this::sweepOrReport, pause, pause, TimeUnit.MILLISECONDS);
    }
  }

  private void sweepOrReport() {
    try {
      var deleted = sweep();
      if (deleted > 0) {
        LOG.info("{} executions that ended before {} ago deleted", deleted, settings.keep());
      }
    } catch (RuntimeException e) {
      LOG.warn("old executions can't be deleted now; the next sweep retries", e);
    }
  }

  /**
   * Deletes all that is old enough now, unless another process does so already.
   *
   * @return how many executions
   */
  public int sweep() {
    return database.sql().connectionResult(connection -> sweepAlone(DSL.using(connection)));
  }

  /** The lock is the connection's, without a transaction; it is free, too, when that breaks. */
  private int sweepAlone(DSLContext holder) {
    var lock = DSL.function("pg_try_advisory_lock", Boolean.class, SWEEP);
    if (!holder.select(lock).fetchSingle().value1()) {
      return 0;
    }
    try {
      return deleteAllDue(holder);
    } finally {
      // Also locks of executions that a failed statement has left.
      holder.select(DSL.function("pg_advisory_unlock_all", Object.class)).fetchSingle();
    }
  }

  /** What a pass deletes may be what kept others, so the next pass begins from the oldest. */
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

  /** Says how many of these executions were deleted. */
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

  /** Deletes files, and returns the executions that have none any more. */
  private List<DueExecution> withoutFiles(
      DeletionLocks locks,
      List<DueExecution> batch,
      Function<DueExecution, OldExecution> execution) {
    var deleted = new ConcurrentLinkedQueue<DueExecution>();
    var left = new ConcurrentLinkedQueue<>(batch);
    var workers = new ArrayList<Thread>();
    for (int i = 0; i < Math.min(FILES_AT_ONCE, batch.size()); i++) {
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

  /** The locks must not be given back while files are still being deleted. */
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

  /**
   * Ends after the executions whose files are being deleted, or without them if that takes long.
   */
  @Override
  public void close() {
    close(END_WITHIN);
  }

  /** Deletion that goes on after that is interrupted; the next sweep repeats it. */
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
