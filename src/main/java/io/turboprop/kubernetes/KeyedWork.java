package io.turboprop.kubernetes;

import io.turboprop.kubernetes.client.WatchSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does a job for each key that is added: never two jobs of one key at once, and always one that
 * begins after the key was added. A job that fails is repeated after a pause, which doubles.
 */
final class KeyedWork<K> implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyedWork.class);

  private final String what;
  private final Job<K> job;
  private final WatchSettings pauses;
  private final Semaphore permits;

  /** The keys under way; true if they were added again meanwhile. */
  private final Map<K, Boolean> active = new HashMap<>();

  private final Map<K, Thread> threads = new HashMap<>();
  private boolean closed;

  /** What is to be done for a key; blocks. */
  interface Job<K> {
    void run(K key) throws IOException;
  }

  /**
   * @param what the job, for the log, such as "accept"
   * @param atOnce how many jobs run at once
   */
  KeyedWork(String what, Job<K> job, int atOnce, WatchSettings pauses) {
    this.what = what;
    this.job = job;
    this.pauses = pauses;
    this.permits = new Semaphore(atOnce, true);
  }

  /** Has the job run for a key; returns at once. */
  synchronized void add(K key) {
    if (closed || active.put(key, active.containsKey(key)) != null) {
      return;
    }
    threads.put(key, Thread.ofVirtual().name("turboprop-" + what).start(() -> run(key)));
  }

  private void run(K key) {
    var pause = pauses.retry();
    try {
      do {
        while (!succeeds(key, pause)) {
          Thread.sleep(pause);
          pause = longer(pause);
        }
        pause = pauses.retry();
      } while (isAgain(key));
    } catch (InterruptedException _) {
      forget(key);
      Thread.currentThread().interrupt();
    }
  }

  private boolean succeeds(K key, Duration pause) throws InterruptedException {
    permits.acquire();
    try {
      job.run(key);
      return true;
    } catch (IOException | RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedException();
      }
      if (e instanceof IOException) {
        LOG.warn("{}; tried again in {}", e.getMessage(), pause);
      } else {
        LOG.error("could not {} {}; tried again in {}", what, key, pause, e);
      }
      return false;
    } finally {
      permits.release();
    }
  }

  private Duration longer(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(pauses.retryMax()) < 0 ? doubled : pauses.retryMax();
  }

  private synchronized boolean isAgain(K key) {
    if (Boolean.TRUE.equals(active.get(key)) && !closed) {
      active.put(key, false);
      return true;
    }
    forget(key);
    return false;
  }

  private synchronized void forget(K key) {
    active.remove(key);
    threads.remove(key);
  }

  /** Begins no more jobs, and interrupts those under way. */
  @Override
  public synchronized void close() {
    closed = true;
    threads.values().forEach(Thread::interrupt);
  }
}
