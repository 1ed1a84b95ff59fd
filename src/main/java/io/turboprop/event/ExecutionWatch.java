package io.turboprop.event;

import io.turboprop.data.ExecutionId;
import io.turboprop.store.RowChange;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells those who watch an execution, in this JVM, what has changed in its rows, once it can be
 * read there too. Nothing is told twice; what happened before the watch began is in the tables, and
 * may be told as well when it happened meanwhile.
 */
public final class ExecutionWatch {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionWatch.class);

  private final Map<ExecutionId, List<Consumer<List<RowChange>>>> watchers =
      new ConcurrentHashMap<>();

  private final LongAdder changes = new LongAdder();

  /** The end of a watch. */
  public interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Begins to watch.
   *
   * @param watcher told by the publisher's thread: must not block
   */
  public Watch watch(ExecutionId id, Consumer<List<RowChange>> watcher) {
    watchers.compute(
        id,
        (_, present) -> {
          var list =
              present == null ? new CopyOnWriteArrayList<Consumer<List<RowChange>>>() : present;
          list.add(watcher);
          return list;
        });
    return () ->
        watchers.computeIfPresent(
            id,
            (_, present) -> {
              present.remove(watcher);
              return present.isEmpty() ? null : present;
            });
  }

  /** How often rows have changed, of any execution; grows. */
  public long changes() {
    return changes.sum();
  }

  /** Notes that rows have changed, and can be read. */
  void changed() {
    changes.increment();
  }

  boolean isWatched(ExecutionId id) {
    return watchers.containsKey(id);
  }

  void tell(ExecutionId id, List<RowChange> changes) {
    for (var watcher : watchers.getOrDefault(id, List.of())) {
      try {
        watcher.accept(changes);
      } catch (RuntimeException e) {
        LOG.error("a watcher of {} failed", id, e);
      }
    }
  }
}
