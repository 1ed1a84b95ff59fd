package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.io.IOException;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jooq.Result;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes executions that ended long ago: their files first, then their rows and their journal,
 * oldest first, a batch in a transaction. So a crash in between leaves no files without a row. One
 * whose files can't be deleted is kept for the next sweep, and stands in nobody's way. One that
 * another has started goes after that one, which may refer to its outputs where they lie. Several
 * processes may sweep at once: each takes what the others have not locked.
 */
public final class Retention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private final Database database;
  private final StoreSettings.Retention settings;
  private final Function<ExecutionId, String> persistenceId;
  private final Files files;
  private final Clock clock;
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("retention").factory());

  /** What executions have left outside of the database. */
  @FunctionalInterface
  public interface Files {
    /** Deletes all of it; may block, and is repeated after a failure or a crash. */
    void delete(OldExecution execution) throws IOException;
  }

  /**
   * An execution that is to be deleted.
   *
   * @param spec a serialized {@code flyteidl.admin.ExecutionSpec}
   * @param attempts of all its tasks
   */
  public record OldExecution(ExecutionId id, ByteString spec, List<Attempt> attempts) {}

  /**
   * An attempt of a task.
   *
   * @param number from 0
   * @param element whether it is one of many that an array runs
   */
  public record Attempt(NodePath path, int number, boolean element) {}

  /**
   * What a batch has come to.
   *
   * @param last the number of the last execution that was looked at
   */
  private record Batch(int deleted, int seen, long last) {}

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
    this.settings = settings;
    this.persistenceId = persistenceId;
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
      LOG.warn("old executions can't be deleted now, the next sweep will try again", e);
    }
  }

  /**
   * Deletes all that is old enough now.
   *
   * @return how many executions
   */
  public int sweep() {
    var before = OffsetDateTime.ofInstant(clock.instant().minus(settings.keep()), ZoneOffset.UTC);
    var deleted = 0;
    var batch = new Batch(0, 0, 0);
    do {
      var after = batch.last();
      batch = database.sql().transactionResult(tx -> deleteBatch(tx.dsl(), before, after));
      deleted += batch.deleted();
    } while (batch.seen() == settings.batchSize());
    return deleted;
  }

  private Batch deleteBatch(DSLContext transaction, OffsetDateTime before, long after) {
    var old = lock(transaction, before, after);
    var last = after;
    var numbers = new ArrayList<Long>(old.size());
    var persistenceIds = new ArrayList<String>(old.size());
    for (var row : old) {
      last = row.get(0, Long.class);
      var id =
          new ExecutionId(
              row.get(1, String.class), row.get(2, String.class), row.get(3, String.class));
      var spec = ByteString.copyFrom(row.get(4, byte[].class));
      if (isWithoutFiles(new OldExecution(id, spec, attempts(transaction, last)))) {
        numbers.add(last);
        persistenceIds.add(persistenceId.apply(id));
      }
    }
    transaction.execute(
        "delete from execution where number = any(?)", (Object) numbers.toArray(Long[]::new));
    JournalTables.delete(transaction, persistenceIds);
    return new Batch(numbers.size(), old.size(), last);
  }

  private Result<?> lock(DSLContext transaction, OffsetDateTime before, long after) {
    return transaction.fetch(
        """
        select number, project, domain, name, spec from execution
        where final and ended_at < cast(? as timestamptz) and accepted_at < cast(? as timestamptz)
          and number > ? and not exists (
            select from execution as parent where parent.number = execution.parent_number)
        order by number limit ? for update skip locked
        """,
        before,
        before,
        after,
        settings.batchSize());
  }

  private static List<Attempt> attempts(DSLContext transaction, long number) {
    return transaction
        .fetch(
            """
            select node.path, task.attempt, false
            from task_execution task join node_execution node using (execution_number, node_id)
            where execution_number = ?
            union all
            select node.path || '/' || element.attempt || '/n' || element.index, of_element, true
            from array_element element join node_execution node using (execution_number, node_id),
              generate_series(0, element.retry) of_element
            where execution_number = ?
            """,
            number,
            number)
        .map(row ->
            new Attempt(
                new NodePath(row.get(0, String.class)),
                row.get(1, Integer.class),
                row.get(2, Boolean.class)));
  }

  private boolean isWithoutFiles(OldExecution execution) {
    try {
      files.delete(execution);
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} is kept until its files can be deleted", execution.id(), e);
      return false;
    }
  }

  /** Ends after the sweep that may be under way. */
  @Override
  public void close() {
    schedule.close();
  }
}
