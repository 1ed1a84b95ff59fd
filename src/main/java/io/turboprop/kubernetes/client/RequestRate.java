package io.turboprop.kubernetes.client;

import java.util.concurrent.TimeUnit;

/** Spreads requests over time: so many a second, and so many more at once after a pause. */
final class RequestRate {
  private final long intervalNanos;
  private final long burstNanos;
  private long next = System.nanoTime();

  RequestRate(int perSecond, int burst) {
    this.intervalNanos = TimeUnit.SECONDS.toNanos(1) / perSecond;
    this.burstNanos = intervalNanos * burst;
  }

  /** Waits until a request may be sent. */
  void acquire() throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(reserve(System.nanoTime()));
  }

  /** How many nanoseconds the next request has to wait, which from then on is reserved. */
  synchronized long reserve(long now) {
    next = Math.max(next, now - burstNanos) + intervalNanos;
    return Math.max(0, next - now);
  }
}
