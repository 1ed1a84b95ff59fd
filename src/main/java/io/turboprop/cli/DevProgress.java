package io.turboprop.cli;

import io.grpc.StatusRuntimeException;
import io.turboprop.cli.progress.ProgressDisplay;
import io.turboprop.cli.progress.RecentExecutions;
import java.net.URI;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows the progress of whatever an engine runs, from a thread of its own, until the process ends.
 */
final class DevProgress {
  private static final Logger LOG = LoggerFactory.getLogger(DevProgress.class);
  private static final Duration PAUSE = Duration.ofMillis(300);

  private DevProgress() {}

  static void show(URI endpoint, ProgressDisplay display) {
    Thread.ofPlatform()
        .daemon()
        .name("turboprop-progress")
        .start(() -> follow(new RecentExecutions(endpoint, display)));
  }

  private static void follow(RecentExecutions executions) {
    try {
      while (true) {
        lookAt(executions);
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void lookAt(RecentExecutions executions) {
    try {
      executions.look();
    } catch (StatusRuntimeException e) {
      LOG.debug("the progress of executions is not to be had now", e);
    }
  }
}
