package io.turboprop.flyteadmin;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Bounds how many events are sent in a second: a bucket of tokens that fills at the rate, and holds
 * at most the burst. Each caller takes one token, and may have to wait for it.
 */
final class EventRate {
  private final double perNano;
  private final int burst;
  private final ReentrantLock lock = new ReentrantLock();

  /** May be negative: tokens that waiting callers have taken in advance. */
  private double tokens;

  private long filledAtNanos;

  EventRate(double perSecond, int burst) {
    this.perNano = perSecond / 1e9;
    this.burst = burst;
    this.tokens = burst;
    this.filledAtNanos = System.nanoTime();
  }

  /** Takes a token; waits until the rate allows for it. */
  void take() throws InterruptedException {
    var wait = take(System.nanoTime());
    if (wait.isPositive()) {
      Thread.sleep(wait);
    }
  }

  /** Takes a token; how long the caller has to wait until it may be used. */
  Duration take(long nowNanos) {
    lock.lock();
    try {
      tokens = Math.min(burst, tokens + (nowNanos - filledAtNanos) * perNano) - 1;
      filledAtNanos = nowNanos;
      return tokens >= 0 ? Duration.ZERO : Duration.ofNanos((long) Math.ceil(-tokens / perNano));
    } finally {
      lock.unlock();
    }
  }
}
