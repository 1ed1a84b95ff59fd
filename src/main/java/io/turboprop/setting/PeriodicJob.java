package io.turboprop.setting;

import org.slf4j.Logger;

/**
 * A job that a scheduler repeats. A scheduler drops a job that throws, without a word and for the
 * life of the process; so a failure of any kind, errors of the JVM included, is logged here, and
 * the job is run again at its next time.
 */
public final class PeriodicJob {

  /** The work of one run. */
  public interface Run {
    void run() throws Exception;
  }

  private PeriodicJob() {}

  /**
   * @param failure the text of the log line about a run that has failed: what could not be done,
   *     and what happens next
   */
  public static Runnable of(Logger log, String failure, Run run) {
    return () -> {
      try {
        run.run();
      } catch (Exception e) {
        log.warn("{}: {}", failure, e.toString());
        log.debug("{}", failure, e);
      } catch (Error e) {
        log.error("{}", failure, e);
      }
    };
  }
}
