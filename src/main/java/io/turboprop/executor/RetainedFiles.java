package io.turboprop.executor;

import io.turboprop.plugin.TaskPlugin;
import io.turboprop.store.ExecutorTables;
import java.io.IOException;
import java.util.Collection;

/**
 * Deletes the files that the plugins of this machine retain of deleted executions: the logs of
 * their tasks. Retention deletes an execution on one node, but its tasks may have run on other
 * nodes.
 */
record RetainedFiles(ExecutorTables tables, Collection<TaskPlugin> plugins) {
  private static final int BATCH_SIZE = 500;

  /**
   * Deletes the files; blocks.
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
          if (!existing.contains(execution)) {
            plugin.forget(execution).toCompletableFuture().join();
            deleted++;
          }
        }
      }
    }
    return deleted;
  }
}
