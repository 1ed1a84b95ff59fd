package io.turboprop.journal;

import com.zaxxer.hikari.HikariDataSource;
import io.turboprop.journal.JournalStatements.Range;
import io.turboprop.journal.JournalStatements.SnapshotBefore;
import io.turboprop.store.Database;
import io.turboprop.store.RequestBatcher;
import io.turboprop.store.RequestBatcher.BatchCall;
import io.turboprop.store.RequestBatcher.Bounds;
import io.turboprop.store.StoreSettings;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.setup.Setup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal's connections and threads, and the requests that wait for them. The actor system gets
 * it as a setup, because Pekko constructs the plugins that use it.
 */
public final class JournalConnections extends Setup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JournalConnections.class);
  private static final String NAME = "journal";

  /**
   * Kinds of requests besides the writing of steps: sequence numbers, steps read, snapshots read,
   * snapshots written.
   */
  private static final int OTHERS = 4;

  /** The most snapshots in a batch; they are large and rare. */
  private static final int SNAPSHOTS_MAX = 16;

  /** About how much memory a request without a payload takes. */
  private static final long QUESTION_BYTES = 128;

  private static final long CLOSE_WAIT_SECONDS = 10;

  private final HikariDataSource pool;
  private final ExecutorService threads;
  private final RequestBatcher<List<JournalRow>, Boolean> writes;
  private final RequestBatcher<String, Long> highestSequenceNumbers;
  private final RequestBatcher<Range, List<JournalRow>> steps;
  private final RequestBatcher<SnapshotBefore, List<JournalRow>> snapshots;
  private final RequestBatcher<JournalRow, Boolean> snapshotWrites;

  private JournalConnections(HikariDataSource pool, StoreSettings.Journal settings) {
    this.pool = pool;
    this.threads =
        Executors.newFixedThreadPool(
            settings.parallelism() + OTHERS, Thread.ofPlatform().name(NAME + "-", 0).factory());
    var statements = new JournalStatements(pool);
    var batch = settings.batchStepsMax();
    this.writes =
        new RequestBatcher<>(
            statements::insertSteps,
            JournalConnections::bytes,
            bounds(settings, batch, settings.parallelism()),
            threads);
    this.highestSequenceNumbers =
        batcher(statements::highestSequenceNumbers, bounds(settings, batch, 1));
    this.steps = batcher(statements::steps, bounds(settings, SNAPSHOTS_MAX, 1));
    this.snapshots = batcher(statements::snapshots, bounds(settings, SNAPSHOTS_MAX, 1));
    this.snapshotWrites =
        new RequestBatcher<>(
            statements::insertSnapshots,
            JournalRow::bytes,
            bounds(settings, SNAPSHOTS_MAX, 1),
            threads);
  }

  private <R, S> RequestBatcher<R, S> batcher(BatchCall<R, S> database, Bounds bounds) {
    return new RequestBatcher<>(database, _ -> QUESTION_BYTES, bounds, threads);
  }

  private static Bounds bounds(StoreSettings.Journal settings, int batchMax, int parallelism) {
    return new Bounds(
        batchMax,
        settings.batchBytesMax(),
        parallelism,
        settings.queuedStepsMax(),
        settings.queuedBytesMax());
  }

  private static long bytes(List<JournalRow> rows) {
    var bytes = 0L;
    for (var row : rows) {
      bytes += row.bytes();
    }
    return bytes;
  }

  /** Opens the pool; connections are made on demand. */
  public static JournalConnections open(Database database, StoreSettings.Journal settings) {
    return new JournalConnections(
        database.poolOfFixedPlans(NAME, settings.parallelism() + OTHERS), settings);
  }

  /**
   * The connections in the setup of this actor system.
   *
   * @throws IllegalStateException when its setup has none
   */
  static JournalConnections of(ActorSystem system) {
    return system
        .settings()
        .setup()
        .get(JournalConnections.class)
        .orElseThrow(() ->
            new IllegalStateException("this actor system was made without JournalConnections"));
  }

  /**
   * Writes these steps, all or none; see {@link RequestBatcher#send} for failures, here and below.
   */
  CompletionStage<Boolean> write(List<JournalRow> rows) {
    return writes.send(rows);
  }

  /** How many steps wait to be written at this moment; those of a batch under way do not count. */
  public int waitingSteps() {
    return writes.waiting();
  }

  CompletionStage<Long> highestSequenceNumber(String persistenceId) {
    return highestSequenceNumbers.send(persistenceId);
  }

  CompletionStage<List<JournalRow>> steps(Range range) {
    return steps.send(range);
  }

  CompletionStage<List<JournalRow>> snapshot(SnapshotBefore request) {
    return snapshots.send(request);
  }

  CompletionStage<Boolean> writeSnapshot(JournalRow snapshot) {
    return snapshotWrites.send(snapshot);
  }

  /** Waits some seconds for the requests under way, then closes the connections. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(CLOSE_WAIT_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("the journal's last statements did not end in time and are abandoned");
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pool.close();
  }
}
