package io.turboprop.flyteadmin;

import io.turboprop.setting.BackOff;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether FlyteAdmin can be reached, as far as is known. After a failure all sends of this process
 * pause; then one execution tries, until FlyteAdmin answers again.
 */
final class Reachability {
  private static final Logger LOG = LoggerFactory.getLogger(Reachability.class);

  private final BackOff backOff;
  private final ReentrantLock lock = new ReentrantLock();
  private int failures;
  private long triedAgainAtNanos;

  Reachability(BackOff backOff) {
    this.backOff = backOff;
  }

  /** FlyteAdmin has answered, whatever it said. */
  void answered() {
    lock.lock();
    try {
      if (failures > 0) {
        LOG.info("FlyteAdmin takes events again, after {} failures", failures);
        failures = 0;
      }
    } finally {
      lock.unlock();
    }
  }

  /** FlyteAdmin can't be reached. Failures of sends that were under way together count once. */
  void failed(String message) {
    lock.lock();
    try {
      if (failures == 0 || pause(System.nanoTime()).isZero()) {
        failures++;
        var pause = backOff.jitteredAfter(failures);
        triedAgainAtNanos = System.nanoTime() + pause.toNanos();
        if (failures == 1) {
          LOG.warn("FlyteAdmin takes no events now, they are kept and sent later: {}", message);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isSuspect() {
    lock.lock();
    try {
      return failures > 0;
    } finally {
      lock.unlock();
    }
  }

  /** How long nothing is to be sent; zero if FlyteAdmin may be tried. */
  Duration pause() {
    lock.lock();
    try {
      return pause(System.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  private Duration pause(long nowNanos) {
    var left = triedAgainAtNanos - nowNanos;
    return failures == 0 || left <= 0 ? Duration.ZERO : Duration.ofNanos(left);
  }
}
