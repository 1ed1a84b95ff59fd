package io.turboprop.postgres;

import io.turboprop.setting.BackOff;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the server again when it has ended without the engine's doing, for example because a user
 * stopped it or the system ran out of memory. A server that is shutting down refuses new
 * connections while old ones remain, so the supervisor stops it at once. The server comes back on
 * the same port, where the connection pools find it; until then the database can't be reached.
 */
final class PostgresSupervisor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresSupervisor.class);
  private static final BackOff LOOK_AGAIN =
      new BackOff(Duration.ofMillis(200), Duration.ofSeconds(10));

  /** The time that the remaining processes of a server that does not answer have to end. */
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  private final PostgresControl control;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  private PostgresSupervisor(PostgresControl control) {
    this.control = control;
    this.thread = Thread.ofVirtual().name("postgresql-supervisor").unstarted(this::watch);
  }

  /** Supervises a server that has been started. */
  static PostgresSupervisor over(PostgresControl control) {
    var supervisor = new PostgresSupervisor(control);
    supervisor.thread.start();
    return supervisor;
  }

  private void watch() {
    var pause = LOOK_AGAIN.min();
    while (!isClosingWithin(pause)) {
      pause = isUp() ? LOOK_AGAIN.min() : LOOK_AGAIN.next(pause);
    }
  }

  private boolean isUp() {
    try {
      if (control.isServing()) {
        return true;
      }
      LOG.warn(
          "PostgreSQL has stopped, or is stopping, though the engine did not stop it; it is started again");
      control.stopOrphan(STOP_TIMEOUT);
      control.start();
      LOG.info("PostgreSQL is up again");
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.error("PostgreSQL could not be started again; the engine retries", e);
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

  /** Ends the supervision; waits for a start that is under way. */
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
