package io.turboprop.event;

import io.turboprop.postgres.StoreException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries again, for ever, what fails for reasons that may pass. */
record Retrying(Duration backOffMin, Duration backOffMax) {
  private static final Logger LOG = LoggerFactory.getLogger(Retrying.class);

  /** Classes of SQL states that no repetition cures: data, constraints, limits. */
  private static final Set<String> LASTING = Set.of("22", "23", "54");

  /** Something that may fail for a while. */
  interface Call<T> {
    T call() throws SQLException, IOException;
  }

  /**
   * The result of a call, repeated until it succeeds.
   *
   * @throws SQLException when it will never succeed; so for the other two
   */
  <T> T call(String what, Call<T> call) throws SQLException, IOException, InterruptedException {
    for (var pause = backOffMin; ; pause = next(pause)) {
      try {
        return call.call();
      } catch (SQLException | StoreException | IOException e) {
        if (isLasting(e)) {
          throw e;
        }
        LOG.warn("can't {}, trying again in {}: {}", what, pause, e.toString());
        Thread.sleep(pause);
      }
    }
  }

  private Duration next(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(backOffMax) < 0 ? doubled : backOffMax;
  }

  private static boolean isLasting(Exception e) {
    var cause = e instanceof StoreException && e.getCause() != null ? e.getCause() : e;
    return cause instanceof SQLException sql
        && sql.getSQLState() != null
        && sql.getSQLState().length() == 5
        && LASTING.contains(sql.getSQLState().substring(0, 2));
  }
}
