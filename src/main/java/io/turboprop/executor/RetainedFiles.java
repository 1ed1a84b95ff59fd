package io.turboprop.executor;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import io.turboprop.data.ExecutionId;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.store.ExecutorTables;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes the files that the plugins of this machine retain of deleted executions: the logs of
 * their tasks. Retention deletes an execution on one node, but its tasks may have run on other
 * nodes.
 */
record RetainedFiles(ExecutorTables tables, Collection<TaskPlugin> plugins) {
  private static final Logger LOG = LoggerFactory.getLogger(RetainedFiles.class);
  private static final int BATCH_SIZE = 500;

  /** How long a plugin may take to delete the files of one execution. */
  private static final Duration FORGET_WITHIN = Duration.ofMinutes(1);

  /**
   * Deletes the files; blocks. Files that can't be deleted now are left to the next call, and keep
   * no files of other executions from being deleted.
   *
   * @return the number of executions whose files were deleted
   */
  int delete() throws IOException {
    var deleted = 0;
    for (var plugin : plugins) {
      var kept = plugin.executionsWithFiles();
      for (int i = 0; i < kept.size(); i += BATCH_SIZE) {
        var some = kept.subList(i, Math.min(i + BATCH_SIZE, kept.size()));
        var existing = tables.existing(some);
        for (var execution : some) {
          if (!existing.contains(execution) && isForgotten(plugin, execution)) {
            deleted++;
          }
        }
      }
    }
    return deleted;
  }

  private static boolean isForgotten(TaskPlugin plugin, ExecutionId execution)
      throws InterruptedIOException {
    try {
      plugin.forget(execution).toCompletableFuture().get(FORGET_WITHIN.toMillis(), MILLISECONDS);
      return true;
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn(
          "the files of the tasks of the deleted execution {} can't be deleted now; this is tried"
              + " again later: {}",
          execution,
          e.toString());
      return false;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while files of tasks were deleted");
    }
  }
}
