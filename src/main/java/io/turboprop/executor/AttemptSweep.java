package io.turboprop.executor;

import io.micrometer.core.instrument.Counter;
import io.turboprop.metric.Meters;
import io.turboprop.setting.PeriodicJob;
import io.turboprop.store.AttemptTables;
import io.turboprop.store.AttemptTables.NodeToNotify;
import io.turboprop.workflow.entity.Workflows;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repairs the effects of lost messages and lost executors: it ends the attempts of executors whose
 * lease is over, notifies owners of changes that they may not know, and ends attempts whose
 * execution has ended. Every node with the role {@code engine} sweeps; overlapping sweeps change
 * nothing twice.
 */
public final class AttemptSweep implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptSweep.class);

  /** The message about a younger change is probably still under way. */
  private static final Duration NOTIFY_AFTER = Duration.ofSeconds(1);

  /**
   * After this time an owner is not notified of an end any more; it finds the end by its own query.
   */
  private static final Duration NOTIFY_END_UNTIL = Duration.ofMinutes(10);

  /** The owner of an ended execution may take this long to record the ends of its attempts. */
  private static final Duration ABANDONED_AFTER = Duration.ofMinutes(1);

  private static final int NOTIFY_AT_ONCE = 1_000;
  private static final int SWEEPS_PER_FULL_SWEEP = 30;
  private static final int SWEEPS_TO_NOTIFY_BEGIN = 2;

  private static final Duration CLOSE_WAIT_MAX = Duration.ofSeconds(3);

  private final AttemptTables attempts;
  private final Workflows workflows;
  private final Duration interval;
  private final Counter lost;
  private final AtomicInteger queued = new AtomicInteger();
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("attempt-sweep").factory());
  private int sweeps;

  public AttemptSweep(
      AttemptTables attempts, Workflows workflows, ExecutorSettings settings, Meters meters) {
    this.attempts = attempts;
    this.workflows = workflows;
    this.interval = settings.sweepInterval();
    this.lost =
        meters.counter(
            "turboprop.executor.attempts.lost",
            "attempts that this node has ended because the lease of their executor was over");
    meters.gauge(
        "turboprop.executor.queue",
        "attempts of the cluster that wait for an executor",
        queued::get);
  }

  /** Starts the periodic sweep. */
  public void start() {
    var _ =
        schedule.scheduleWithFixedDelay(
            PeriodicJob.of(LOG, "attempts can't be swept now; the next sweep retries", this::sweep),
            interval.toMillis(),
            interval.toMillis(),
            TimeUnit.MILLISECONDS);
  }

  /** Sweeps once; blocks. */
  void sweep() {
    notifyOwners(endLost());
    notifyOwners(
        attempts.nodesToNotify(
            NOTIFY_AFTER,
            NOTIFY_AFTER.plus(interval.multipliedBy(SWEEPS_TO_NOTIFY_BEGIN)),
            NOTIFY_END_UNTIL,
            NOTIFY_AT_ONCE));
    queued.set(attempts.queued());
    if (sweeps++ % SWEEPS_PER_FULL_SWEEP == 0) {
      attempts.endAbandoned(ABANDONED_AFTER);
    }
  }

  private List<NodeToNotify> endLost() {
    var ended = attempts.endLost();
    if (!ended.isEmpty()) {
      LOG.warn("{} attempts have lost their executor", ended.size());
      lost.increment(ended.size());
    }
    return ended;
  }

  private void notifyOwners(List<NodeToNotify> nodes) {
    nodes.forEach(node -> workflows.lookAgain(node.execution(), node.path()));
  }

  /**
   * Lets a sweep that is under way end, for some seconds: an interrupt would break its connection
   * to the database.
   */
  @Override
  public void close() {
    schedule.shutdown();
    try {
      if (!schedule.awaitTermination(CLOSE_WAIT_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        schedule.shutdownNow();
      }
    } catch (InterruptedException e) {
      schedule.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
