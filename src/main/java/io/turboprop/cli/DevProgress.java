package io.turboprop.cli;

import io.grpc.StatusRuntimeException;
import io.turboprop.cli.progress.ProgressDisplay;
import io.turboprop.cli.progress.RecentExecutions;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the progress of all executions of an engine, on a thread of its own, until the process
 * ends.
 */
final class DevProgress {
  private static final Logger LOG = LoggerFactory.getLogger(DevProgress.class);
  private static final Duration PAUSE = Duration.ofMillis(300);

  private DevProgress() {}

  /**
   * @return the thread that shows progress until it is interrupted
   */
  static Thread show(Engine engine, ProgressDisplay display) {
    return Thread.ofPlatform()
        .daemon()
        .name("turboprop-progress")
        .start(() -> follow(engine, new RecentExecutions(engine.endpoint(), display)));
  }

  /** Asks the server only while something runs, or when something has changed. */
  private static void follow(Engine engine, RecentExecutions executions) {
    var seen = -1L;
    try {
      while (true) {
        var changes = engine.changes();
        if (changes != seen || executions.isFollowing()) {
          seen = lookAt(executions) ? changes : -1;
        }
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean lookAt(RecentExecutions executions) {
    try {
      executions.look();
      return true;
    } catch (StatusRuntimeException e) {
      LOG.debug("the progress of executions cannot be read now", e);
      return false;
    }
  }
}
