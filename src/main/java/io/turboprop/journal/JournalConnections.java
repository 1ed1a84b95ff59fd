package io.turboprop.journal;

import com.zaxxer.hikari.HikariDataSource;
import io.turboprop.journal.JournalStatements.Range;
import io.turboprop.journal.JournalStatements.SnapshotBefore;
import io.turboprop.journal.RequestBatcher.Answering;
import io.turboprop.journal.RequestBatcher.Bounds;
import io.turboprop.store.Database;
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
 * The journal's connections and threads, and what waits for them. Given to the actor system as a
 * setup, since Pekko makes the plugins that use it.
 */
public final class JournalConnections extends Setup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JournalConnections.class);
  private static final String NAME = "journal";

  /** Beside those that write steps: heights, steps read, snapshots read, snapshots written. */
  private static final int OTHERS = 4;

  /** Snapshots are large, and seldom. */
  private static final int SNAPSHOTS_MAX = 16;

  /** About what a question takes that brings no payload. */
  private static final long QUESTION_BYTES = 128;

  private static final long CLOSE_WAIT_SECONDS = 10;

  private final HikariDataSource pool;
  private final ExecutorService threads;
  private final RequestBatcher<List<JournalRow>, Boolean> writes;
  private final RequestBatcher<String, Long> heights;
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
    this.heights = questions(statements::heights, bounds(settings, batch, 1));
    this.steps = questions(statements::steps, bounds(settings, SNAPSHOTS_MAX, 1));
    this.snapshots = questions(statements::snapshots, bounds(settings, SNAPSHOTS_MAX, 1));
    this.snapshotWrites =
        new RequestBatcher<>(
            statements::insertSnapshots,
            JournalRow::bytes,
            bounds(settings, SNAPSHOTS_MAX, 1),
            threads);
  }

  private <Q, A> RequestBatcher<Q, A> questions(Answering<Q, A> database, Bounds bounds) {
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

  /** Opens them; the connections are made when they are needed. */
  public static JournalConnections open(Database database, StoreSettings.Journal settings) {
    return new JournalConnections(database.pool(NAME, settings.parallelism() + OTHERS), settings);
  }

  /**
   * Those that were given to this actor system.
   *
   * @throws IllegalStateException when none were
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
   * Writes these steps, all or none; see {@link RequestBatcher#ask} for failures, here and below.
   */
  CompletionStage<Boolean> write(List<JournalRow> rows) {
    return writes.ask(rows);
  }

  CompletionStage<Long> height(String persistenceId) {
    return heights.ask(persistenceId);
  }

  CompletionStage<List<JournalRow>> steps(Range range) {
    return steps.ask(range);
  }

  CompletionStage<List<JournalRow>> snapshot(SnapshotBefore question) {
    return snapshots.ask(question);
  }

  CompletionStage<Boolean> writeSnapshot(JournalRow snapshot) {
    return snapshotWrites.ask(snapshot);
  }

  /** Lets what has been asked end, for some seconds. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(CLOSE_WAIT_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("the journal's last statements are given up");
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    pool.close();
  }
}
