package io.turboprop.event;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.state.WorkflowEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A journal in memory. */
final class TestingJournal implements Journal {
  private final Map<ExecutionId, List<Step>> steps = new ConcurrentHashMap<>();
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger failing = new AtomicInteger();
  private volatile Exception failure = new IllegalStateException();

  /** Records a step; its sequence number. */
  long record(ExecutionId id, List<WorkflowEvent> events) {
    var recorded = steps.computeIfAbsent(id, _ -> new ArrayList<>());
    synchronized (recorded) {
      recorded.add(new Step(recorded.size() + 1, events));
      return recorded.size();
    }
  }

  int reads() {
    return reads.get();
  }

  /** Has the next reads fail. */
  void failNext(int reads, Exception failure) {
    this.failure = failure;
    failing.set(reads);
  }

  @Override
  public List<Step> read(ExecutionId id, long after, int limit) throws IOException {
    reads.incrementAndGet();
    if (failing.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      if (failure instanceof IOException outage) {
        throw outage;
      }
      throw (RuntimeException) failure;
    }
    var recorded = steps.getOrDefault(id, List.of());
    synchronized (recorded) {
      return recorded.stream().skip(after).limit(limit).toList();
    }
  }
}
