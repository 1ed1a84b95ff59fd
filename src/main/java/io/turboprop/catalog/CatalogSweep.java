package io.turboprop.catalog;

import io.turboprop.setting.PeriodicJob;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Deletes cached outputs and reservations that are too old, periodically, on each engine node. */
public final class CatalogSweep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CatalogSweep.class);

  private final StoredCatalog catalog;
  private final Duration interval;
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("catalog-sweep").factory());

  public CatalogSweep(StoredCatalog catalog, Duration interval) {
    this.catalog = catalog;
    this.interval = interval;
  }

  /** Starts the periodic sweep. */
  public void start() {
    var _ =
        schedule.scheduleWithFixedDelay(
            PeriodicJob.of(
                LOG,
                "cached outputs that are too old can't be deleted now; the next sweep retries",
                this::sweep),
            interval.toMillis(),
            interval.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  private void sweep() {
    var deleted = catalog.deleteExpired();
    if (deleted > 0) {
      LOG.info("{} cached outputs that were too old are deleted", deleted);
    }
  }

  @Override
  public void close() {
    schedule.shutdownNow();
  }
}
