package io.turboprop;

import io.turboprop.admin.transport.Readiness;
import io.turboprop.cluster.ClusterNode;
import io.turboprop.cluster.ShardedWorkflows;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** When an engine is ready: its node is up, its shards are reachable, database and store answer. */
final class EngineReadiness {
  private static final Logger LOG = LoggerFactory.getLogger(EngineReadiness.class);

  private static final Duration CHECK_AGAIN = Duration.ofMillis(5);
  private static final long WAITING_LINE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private EngineReadiness() {}

  static Readiness of(ClusterNode node, ShardedWorkflows workflows, Foundation foundation) {
    var checks = new LinkedHashMap<String, Readiness.Check>();
    checks.put("cluster", node::notReadyReason);
    checks.put("shards", workflows::notReadyReason);
    checks.put(
        "database",
        () -> {
          foundation.database().ask();
          return Optional.empty();
        });
    checks.put(
        "store",
        () -> {
          var store = foundation.storage().store();
          var _ = store.size(store.base().child("ready"));
          return Optional.empty();
        });
    return new Readiness(checks, foundation.blocking());
  }

  /**
   * Waits until the engine is ready, as long as it takes; the log says what it waits for.
   *
   * @param stopped ends the wait with its failure
   */
  static void await(Readiness readiness, CompletableFuture<Void> stopped) {
    var lastLine = System.nanoTime();
    for (var results = readiness.results().join();
        !Readiness.isReady(results);
        results = readiness.results().join()) {
      if (stopped.isDone()) {
        stopped.join();
      }
      if (System.nanoTime() - lastLine > WAITING_LINE_NANOS) {
        LOG.info("not ready yet: {}", results);
        lastLine = System.nanoTime();
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(CHECK_AGAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the start of the engine was interrupted", e);
    }
  }
}
