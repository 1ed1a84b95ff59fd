package io.turboprop.cluster;

import io.micrometer.core.instrument.Counter;
import io.turboprop.data.ExecutionId;
import io.turboprop.metric.Meters;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Meters of the executions that the waker finds. */
public final class MeteredExecutions implements Waker.Executions {
  private final Waker.Executions executions;
  private final Counter due;
  private final Counter swept;
  private final AtomicInteger parked = new AtomicInteger();

  public MeteredExecutions(Waker.Executions executions, Meters meters) {
    this.executions = executions;
    this.due =
        meters.counter(
            "turboprop.waker.due", "executions that the waker has woken because they were due");
    this.swept =
        meters.counter(
            "turboprop.waker.swept",
            "executions that a sweep of the waker has activated because they should be in memory");
    meters.gauge(
        "turboprop.executions.parked",
        "parked executions that the last sweep of the waker has found",
        parked::get);
  }

  @Override
  public List<ExecutionId> takeDue(int limit) {
    var found = executions.takeDue(limit);
    due.increment(found.size());
    return found;
  }

  @Override
  public int unparkAll() {
    return executions.unparkAll();
  }

  @Override
  public int parked() {
    var found = executions.parked();
    parked.set(found);
    return found;
  }

  @Override
  public List<Waker.Row> active(long afterNumber, int limit) {
    var found = executions.active(afterNumber, limit);
    swept.increment(found.size());
    return found;
  }
}
