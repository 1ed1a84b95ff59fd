package io.turboprop.flyteadmin;

import io.turboprop.data.ExecutionId;
import io.turboprop.setting.PeriodicJob;
import io.turboprop.store.FlyteAdminChildTables;
import io.turboprop.store.ParentNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Queries FlyteAdmin for the status of the child executions for which nodes wait, and notifies a
 * node when its child has ended. FlyteAdmin sends no notifications, so the watch queries each child
 * at an interval; it queries a child that runs on this engine as soon as FlyteAdmin has recorded
 * its end.
 */
public final class ChildWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ChildWatch.class);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);
  private static final int BATCH_SIZE = 50;

  private final FlyteAdminChildTables tables;
  private final AdminChildren children;
  private final Consumer<ParentNode> parents;
  private final Duration interval;
  private final Runnable job =
      PeriodicJob.of(
          LOG,
          "the child executions at FlyteAdmin can't be read now; the next look retries",
          this::look);
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofVirtual().name("flyteadmin-children").factory());

  /**
   * @param parents notifies a node; must not block
   * @param interval the pause between two queries for a child
   */
  public ChildWatch(
      FlyteAdminChildTables tables,
      AdminChildren children,
      Consumer<ParentNode> parents,
      Duration interval) {
    this.tables = tables;
    this.children = children;
    this.parents = parents;
    this.interval = interval;
  }

  /** Starts to ask; close it to stop. */
  public void start() {
    var pause = BETWEEN_LOOKS.toMillis();
    var _ = schedule.scheduleWithFixedDelay(job, pause, pause, TimeUnit.MILLISECONDS);
  }

  /** Asks about the children that are due. */
  void look() {
    List<ExecutionId> due;
    do {
      due = tables.takeDue(interval, BATCH_SIZE);
      for (var child : due) {
        if (children.hasEnded(child)) {
          tables.ended(child).ifPresent(parents);
        }
      }
    } while (due.size() == BATCH_SIZE);
  }

  /** FlyteAdmin has recorded the end of this execution, which may be a child. */
  public void ended(ExecutionId execution) {
    if (tables.lookNow(execution)) {
      schedule.execute(job);
    }
  }

  @Override
  public void close() {
    schedule.shutdownNow();
  }
}
