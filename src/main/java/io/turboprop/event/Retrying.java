package io.turboprop.event;

import io.turboprop.store.DatabaseOutageException;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Repeats calls that fail during an outage, without limit and with growing pauses. */
record Retrying(Duration backOffMin, Duration backOffMax) {
  private static final Logger LOG = LoggerFactory.getLogger(Retrying.class);

  /** A call that may fail during an outage. */
  interface Call<T> {
    T call() throws IOException;
  }

  /**
   * The result of a call, which is repeated until the database and the blob store answer.
   *
   * @throws RuntimeException any other failure: the database refuses a row or a statement
   */
  <T> T call(String what, Call<T> call) throws InterruptedException {
    for (var pause = backOffMin; ; pause = next(pause)) {
      try {
        return call.call();
      } catch (DatabaseOutageException | IOException e) {
        LOG.warn("can't {}, trying again in {}: {}", what, pause, e.toString());
        Thread.sleep(pause);
      }
    }
  }

  private Duration next(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(backOffMax) < 0 ? doubled : backOffMax;
  }
}
