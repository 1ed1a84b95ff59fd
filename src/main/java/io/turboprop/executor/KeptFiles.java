package io.turboprop.executor;

import io.turboprop.plugin.TaskPlugin;
import io.turboprop.store.ExecutorTables;
import java.io.IOException;
import java.util.Collection;

/**
 * Deletes what the plugins of this machine keep of executions that have been deleted: the logs of
 * their tasks. Retention deletes an execution on one node, and its tasks have run on any.
 */
record KeptFiles(ExecutorTables tables, Collection<TaskPlugin> plugins) {
  private static final int EXECUTIONS_AT_ONCE = 500;

  /**
   * Deletes them; blocks.
   *
   * @return of how many executions
   */
  int delete() throws IOException {
    var deleted = 0;
    for (var plugin : plugins) {
      var kept = plugin.keptExecutions();
      for (int i = 0; i < kept.size(); i += EXECUTIONS_AT_ONCE) {
        var some = kept.subList(i, Math.min(i + EXECUTIONS_AT_ONCE, kept.size()));
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
