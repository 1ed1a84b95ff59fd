package io.turboprop.kubernetes;

import io.turboprop.store.ResourceTables.Resource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntSupplier;

/**
 * The resources that wait until fewer executions run, the oldest first. The queue calls nothing
 * that blocks while it holds its lock. It knows a resource by its uid, so a newer state of a
 * resource replaces the older one. Safe for use by many threads, one at a time for each resource.
 */
final class AdmissionQueue {
  private final int runningMax;

  private final Map<String, ObservedResource> byUid = new HashMap<>();
  private final NavigableSet<ObservedResource> waiting =
      new TreeSet<>(
          Comparator.comparing(ObservedResource::createdAt)
              .thenComparing(each -> each.resource().uid()));

  /** The uids of the resources that are becoming executions. */
  private final Set<String> entering = new HashSet<>();

  /**
   * @param runningMax how many executions run at most
   */
  AdmissionQueue(int runningMax) {
    this.runningMax = runningMax;
  }

  /**
   * Whether a resource may become an execution now; if so, {@link #leave} must follow. Otherwise it
   * waits in the queue.
   *
   * @param running counts the executions that run; may block, and is called without a lock
   */
  boolean enter(ObservedResource resource, IntSupplier running) {
    int others;
    synchronized (this) {
      remove(resource.resource());
      add(resource);
      if (!isFirst(resource)) {
        return false;
      }
      remove(resource.resource());
      others = entering.size();
      entering.add(resource.resource().uid());
    }
    // Whatever is entering and is stored before this count is counted twice, never not at all.
    var admitted = false;
    try {
      admitted = running.getAsInt() + others < runningMax;
    } finally {
      if (!admitted) {
        back(resource);
      }
    }
    return admitted;
  }

  private synchronized void back(ObservedResource resource) {
    entering.remove(resource.resource().uid());
    add(resource);
  }

  /** A resource that has entered is an execution, or could not become one and joins again later. */
  synchronized void leave(Resource resource) {
    entering.remove(resource.uid());
  }

  /** A resource waits no more: it is gone, has ended, or is an execution. */
  synchronized void remove(Resource resource) {
    var waited = byUid.remove(resource.uid());
    if (waited != null) {
      waiting.remove(waited);
    }
  }

  /** The resource that has waited longest. */
  synchronized Optional<Resource> first() {
    return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.first().resource());
  }

  private void add(ObservedResource resource) {
    byUid.put(resource.resource().uid(), resource);
    waiting.add(resource);
  }

  private boolean isFirst(ObservedResource resource) {
    return waiting.first().resource().uid().equals(resource.resource().uid());
  }
}
