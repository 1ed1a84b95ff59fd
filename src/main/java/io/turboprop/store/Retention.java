package io.turboprop.store;

import io.turboprop.data.ExecutionId;
import java.time.Clock;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jooq.DSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes executions that ended long ago, from all tables and the journal, oldest first, a batch in
 * a transaction. What they left in the blob store is not touched. Several processes may do so at
 * once: each takes what the others have not locked.
 */
public final class Retention implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private final Database database;
  private final StoreSettings.Retention settings;
  private final Function<ExecutionId, String> persistenceId;
  private final Clock clock;
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("retention").factory());

  /**
   * @param persistenceId under which the journal knows an execution
   */
  public Retention(
      Database database,
      StoreSettings.Retention settings,
      Function<ExecutionId, String> persistenceId,
      Clock clock) {
    this.database = database;
    this.settings = settings;
    this.persistenceId = persistenceId;
    this.clock = clock;
  }

  /** Sweeps again and again, unless executions are kept for ever. */
  public void start() {
    if (settings.keep().isPositive()) {
      var pause = settings.interval().toMillis();
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
    int all = 0;
    int batch;
    do {
      batch = database.sql().transactionResult(tx -> deleteBatch(tx.dsl(), before));
      all += batch;
    } while (batch == settings.batchSize());
    return all;
  }

  private int deleteBatch(DSLContext transaction, OffsetDateTime before) {
    var old =
        transaction.fetch(
            """
            with old as (
              select number from execution
              where final and ended_at < cast(? as timestamptz) and accepted_at < cast(? as timestamptz)
              order by number limit ? for update skip locked)
            delete from execution using old where execution.number = old.number
            returning project, domain, name
            """,
            before,
            before,
            settings.batchSize());
    var persistenceIds = new ArrayList<String>(old.size());
    for (var row : old) {
      var id =
          new ExecutionId(
              row.get(0, String.class), row.get(1, String.class), row.get(2, String.class));
      persistenceIds.add(persistenceId.apply(id));
    }
    JournalTables.delete(transaction, persistenceIds);
    return old.size();
  }

  /** Ends after the sweep that may be under way. */
  @Override
  public void close() {
    schedule.close();
  }
}
