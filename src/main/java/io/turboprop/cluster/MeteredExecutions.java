package io.turboprop.cluster;

import io.micrometer.core.instrument.Counter;
import io.turboprop.data.ExecutionId;
import io.turboprop.metric.Meters;
import java.util.List;

/** Counts what the waker finds. */
public final class MeteredExecutions implements Waker.Executions {
  private final Waker.Executions executions;
  private final Counter due;
  private final Counter swept;

  public MeteredExecutions(Waker.Executions executions, Meters meters) {
    this.executions = executions;
    this.due =
        meters.counter(
            "turboprop.waker.due", "executions that the waker has woken because they were due");
    this.swept =
        meters.counter(
            "turboprop.waker.swept",
            "executions that the waker has poked because they should be alive");
  }

  @Override
  public List<ExecutionId> takeDue(int limit) {
    var found = executions.takeDue(limit);
    due.increment(found.size());
    return found;
  }

  @Override
  public List<Waker.Row> active(long afterNumber, int limit) {
    var found = executions.active(afterNumber, limit);
    swept.increment(found.size());
    return found;
  }
}
