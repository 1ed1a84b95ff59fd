package io.turboprop.store;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an attempt's start-up; each null while it has not been told, or if nobody tells.
 *
 * @param initializingAt when the plugin reported that the attempt is being set up: a pod's image is
 *     pulled, its containers are created
 * @param codeBeganAt when the task's own code began to run in the process that was started
 */
public record StartUp(@Nullable Instant initializingAt, @Nullable Instant codeBeganAt) {
  public static final StartUp UNKNOWN = new StartUp(null, null);

  /** What is known after later news; the first moments are kept. */
  StartUp then(StartUp later) {
    return new StartUp(
        initializingAt == null ? later.initializingAt : initializingAt,
        codeBeganAt == null ? later.codeBeganAt : codeBeganAt);
  }
}
