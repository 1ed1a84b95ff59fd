package io.turboprop.event;

import io.turboprop.setting.BackOff;
import io.turboprop.store.DatabaseOutageException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Repeats calls that fail during an outage, without limit and with growing pauses. */
record Retrying(BackOff backOff) {
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
    for (var pause = backOff.min(); ; pause = backOff.next(pause)) {
      try {
        return call.call();
      } catch (DatabaseOutageException | IOException e) {
        LOG.warn("can't {}, trying again in {}: {}", what, pause, e.toString());
        Thread.sleep(pause);
      }
    }
  }
}
