package io.turboprop.event;

import io.turboprop.data.ExecutionId;
import io.turboprop.store.RowChange;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notifies the watchers of an execution in this JVM of changes in its rows, after the changes can
 * be read. A watcher gets each change once. It gets no change from before its watch began, except
 * perhaps those that were written at that moment; earlier changes are in the tables.
 */
public final class ExecutionWatch {
  private static final Logger LOG = LoggerFactory.getLogger(ExecutionWatch.class);

  private final Map<ExecutionId, List<Consumer<List<RowChange>>>> watchers =
      new ConcurrentHashMap<>();

  private final List<Consumer<Collection<Long>>> listeners = new CopyOnWriteArrayList<>();
  private final LongAdder changes = new LongAdder();

  /** A watch, to be closed. */
  public interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Begins a watch of one execution.
   *
   * @param watcher called on the publisher's thread; must not block
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

  /** How often rows of any execution have changed; it only grows. */
  public long changes() {
    return changes.sum();
  }

  /** Notifies that rows have changed and can be read. */
  void changed() {
    changes.increment();
  }

  /**
   * Has every change of any execution in this JVM told, after it can be read.
   *
   * @param listener takes the numbers of the changed executions, on the publisher's thread; must
   *     not block
   */
  public void listen(Consumer<Collection<Long>> listener) {
    listeners.add(listener);
  }

  /** Notifies that the rows of these executions have changed and can be read. */
  void changed(Collection<Long> executions) {
    changed();
    for (var listener : listeners) {
      listener.accept(executions);
    }
  }

  boolean isWatched(ExecutionId id) {
    return watchers.containsKey(id);
  }

  void notifyWatchers(ExecutionId id, List<RowChange> changes) {
    for (var watcher : watchers.getOrDefault(id, List.of())) {
      try {
        watcher.accept(changes);
      } catch (RuntimeException e) {
        LOG.error("a watcher of {} failed", id, e);
      }
    }
  }
}
