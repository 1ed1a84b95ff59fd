package io.turboprop.kubernetes;

import io.turboprop.data.Outage;
import io.turboprop.setting.BackOff;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a job for each key that is added: never two jobs of one key at once, and always a job that
 * begins after the key was added. A job that fails is repeated after a pause, which doubles with
 * each failure; a key that is added again ends the pause.
 */
final class KeyedWork<K> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyedWork.class);

  private final String what;
  private final Job<K> job;
  private final BackOff pauses;
  private final Semaphore permits;
  private final Map<K, Worker> workers = new HashMap<>();
  private boolean closed;

  /** The work for a key; blocks. */
  interface Job<K> {
    void run(K key) throws IOException;
  }

  /**
   * @param what the job, for the log, such as "accept"
   * @param atOnce how many jobs run at once
   * @param pauses the pauses after failures of a job
   */
  KeyedWork(String what, Job<K> job, int atOnce, BackOff pauses) {
    this.what = what;
    this.job = job;
    this.pauses = pauses;
    this.permits = new Semaphore(atOnce, true);
  }

  /** Has the job run for a key; returns at once. */
  synchronized void add(K key) {
    if (closed) {
      return;
    }
    var worker = workers.get(key);
    if (worker == null) {
      worker = new Worker(key);
      workers.put(key, worker);
      worker.thread.start();
    } else {
      worker.additions.release();
    }
  }

  /** Runs the jobs of one key. */
  private final class Worker {
    final K key;
    final Thread thread;

    /** A permit for each time the key was added since the last job began. */
    final Semaphore additions = new Semaphore(0);

    Worker(K key) {
      this.key = key;
      this.thread = Thread.ofVirtual().name("turboprop-" + what).unstarted(this::run);
    }

    void run() {
      var pause = pauses.min();
      try {
        do {
          while (!succeeds(pause)) {
            var _ = additions.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS);
            pause = pauses.next(pause);
          }
          pause = pauses.min();
        } while (!isDone(this));
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      } finally {
        forget(this);
      }
    }

    private boolean succeeds(Duration pause) throws InterruptedException {
      permits.acquire();
      try {
        additions.drainPermits();
        job.run(key);
        return true;
      } catch (IOException | RuntimeException | Error e) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedException();
        }
        if (e instanceof IOException || Outage.isCauseOf(e)) {
          LOG.warn("{}; trying again in {}", e.getMessage(), pause);
        } else {
          LOG.error("could not {} {}; trying again in {}", what, key, pause, e);
        }
        return false;
      } finally {
        permits.release();
      }
    }
  }

  /** Whether a worker's key was not added since its last job began; then it is forgotten. */
  private synchronized boolean isDone(Worker worker) {
    if (worker.additions.availablePermits() > 0 && !closed) {
      return false;
    }
    forget(worker);
    return true;
  }

  private synchronized void forget(Worker worker) {
    workers.remove(worker.key, worker);
  }

  /** Begins no more jobs, and interrupts those under way. */
  @Override
  public synchronized void close() {
    closed = true;
    workers.values().forEach(worker -> worker.thread.interrupt());
  }
}
