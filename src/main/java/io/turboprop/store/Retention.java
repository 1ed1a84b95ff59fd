package io.turboprop.store;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes executions that ended long ago, oldest first and one by one: the files, then, in one
 * transaction, the row, the journal and the plans that only its dynamic nodes referred to. So a
 * crash in between leaves no files without a row, and no lock is held while files are deleted. One
 * whose files can't be deleted is kept for the next sweep, and stands in nobody's way. One that
 * another has started goes after that one, which may refer to its outputs where they lie. Of
 * several processes one sweeps at a time: so none deletes files of a new execution whose name is
 * free since another has deleted the old one.
 */
public final class Retention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  /** How long {@link #close()} waits for the execution that is being deleted. */
  private static final Duration END_WITHIN = Duration.ofSeconds(10);

  /** Says which plans its dynamic nodes had made. */
  private static final String DELETE =
      """
      delete from execution where number = ? and final
      returning array(
        select distinct plan_digest from dynamic_plan
        where execution_number = execution.number)
      """;

  private static final String SWEEP = "hashtextextended('retention', 0)";

  private final Database database;
  private final StoreSettings.Retention settings;
  private final Function<ExecutionId, String> persistenceId;
  private final Files files;
  private final Clock clock;
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("retention").factory());
  private volatile boolean closed;

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
   * What is to be deleted, as it was found.
   *
   * @param spec a serialized {@code flyteidl.admin.ExecutionSpec}
   */
  private record Due(long number, ExecutionId id, ByteString spec) {}

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
   * Deletes all that is old enough now, unless another process does so already.
   *
   * @return how many executions
   */
  public int sweep() {
    return database.sql().connectionResult(connection -> sweepAlone(DSL.using(connection)));
  }

  /** The lock is the connection's, without a transaction; it is free, too, when that breaks. */
  private int sweepAlone(DSLContext holder) {
    if (!isTrue(holder, "select pg_try_advisory_lock(" + SWEEP + ")")) {
      return 0;
    }
    try {
      return deleteAllDue();
    } finally {
      holder.execute("select pg_advisory_unlock(" + SWEEP + ")");
    }
  }

  private static boolean isTrue(DSLContext sql, String query) {
    return sql.fetchSingle(query).get(0, Boolean.class);
  }

  private int deleteAllDue() {
    var before = OffsetDateTime.ofInstant(clock.instant().minus(settings.keep()), ZoneOffset.UTC);
    var deleted = 0;
    for (var due = due(before, 0); !due.isEmpty(); due = due(before, due.getLast().number())) {
      for (var execution : due) {
        if (closed) {
          return deleted;
        }
        deleted += delete(execution);
      }
    }
    return deleted;
  }

  private List<Due> due(OffsetDateTime before, long after) {
    return database
        .sql()
        .fetch(
            """
            select number, project, domain, name, spec from execution
            where final and ended_at < cast(? as timestamptz)
              and accepted_at < cast(? as timestamptz) and number > ? and not exists (
                select from execution as parent where parent.number = execution.parent_number)
            order by number limit ?
            """,
            before,
            before,
            after,
            settings.batchSize())
        .map(row ->
            new Due(
                row.get(0, Long.class),
                new ExecutionId(
                    row.get(1, String.class), row.get(2, String.class), row.get(3, String.class)),
                ByteString.copyFrom(row.get(4, byte[].class))));
  }

  /** Says how many executions were deleted: one or none. */
  private int delete(Due due) {
    var execution = new OldExecution(due.id(), due.spec(), attempts(database.sql(), due.number()));
    return isWithoutFiles(execution)
        ? database.sql().transactionResult(transaction -> deleteRows(transaction.dsl(), due))
        : 0;
  }

  private int deleteRows(DSLContext transaction, Due due) {
    var deleted = transaction.fetch(DELETE, due.number());
    for (var execution : deleted) {
      JournalRows.delete(transaction, List.of(persistenceId.apply(due.id())));
      PlanTables.deleteUnused(transaction, execution.get(0, String[].class));
    }
    return deleted.size();
  }

  private static List<Attempt> attempts(DSLContext sql, long number) {
    return sql.fetch(
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

  /** Ends after the execution that is being deleted, or without it if that takes long. */
  @Override
  public void close() {
    close(END_WITHIN);
  }

  /** What is not deleted by then is interrupted; the next sweep deletes it. */
  void close(Duration within) {
    closed = true;
    schedule.shutdown();
    try {
      if (!schedule.awaitTermination(within.toMillis(), TimeUnit.MILLISECONDS)) {
        LOG.warn("an old execution is still being deleted after {}, without it then", within);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    schedule.shutdownNow();
  }
}
