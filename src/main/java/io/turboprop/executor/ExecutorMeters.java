package io.turboprop.executor;

import io.micrometer.core.instrument.Counter;
import io.turboprop.metric.Meters;
import java.util.concurrent.atomic.AtomicInteger;

/** The meters of an executor. */
public final class ExecutorMeters {
  private final AtomicInteger running = new AtomicInteger();
  private final Counter leasesLost;
  private final Counter attemptsLost;

  public ExecutorMeters(Meters meters) {
    meters.gauge("turboprop.executor.running", "attempts that this executor has", running::get);
    leasesLost =
        meters.counter(
            "turboprop.executor.leases.lost", "how often this executor could not renew its lease");
    attemptsLost =
        meters.counter(
            "turboprop.executor.attempts.killed",
            "attempts that this executor has killed because it could not renew its lease");
  }

  void running(int count) {
    running.set(count);
  }

  void leaseLost(int attempts) {
    leasesLost.increment();
    attemptsLost.increment(attempts);
  }
}
