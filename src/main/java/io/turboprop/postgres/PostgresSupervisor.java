package io.turboprop.postgres;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the server again when it has ended and it was not us who ended it: somebody stopped it, or
 * the system did for want of memory. One that was told to stop would refuse new connections for as
 * long as there are old ones, so it is made to hurry. It comes back on the same port, so pools find
 * it by themselves; until then their users see a database that cannot be reached.
 */
final class PostgresSupervisor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresSupervisor.class);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(10);

  /** How long what is left of a server that does not answer may take to end. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  private final PostgresControl control;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  private PostgresSupervisor(PostgresControl control) {
    this.control = control;
    this.thread = Thread.ofVirtual().name("postgresql-supervisor").unstarted(this::watch);
  }

  /** Watches over a server that has been started. */
  static PostgresSupervisor over(PostgresControl control) {
    var supervisor = new PostgresSupervisor(control);
    supervisor.thread.start();
    return supervisor;
  }

  private void watch() {
    var pause = LOOK_AGAIN;
    while (!isClosingWithin(pause)) {
      pause = isUp() ? LOOK_AGAIN : longer(pause);
    }
  }

  private boolean isUp() {
    try {
      if (control.isServing()) {
        return true;
      }
      LOG.warn(
          "PostgreSQL has ended, or ends, though nobody here asked it to: it is started again");
      control.stopOrphan(STOP_TIMEOUT);
      control.start();
      LOG.info("PostgreSQL is up again");
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.error("PostgreSQL could not be started again; the next attempt follows", e);
      return false;
    }
  }

  private boolean isClosingWithin(Duration pause) {
    try {
      return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  private static Duration longer(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(PAUSE_MAX) < 0 ? doubled : PAUSE_MAX;
  }

  /** Watches no longer; a start that is under way is waited for. */
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
