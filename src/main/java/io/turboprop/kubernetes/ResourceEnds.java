package io.turboprop.kubernetes;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** Called for resources that end and have not become executions, before their status says so. */
@FunctionalInterface
public interface ResourceEnds {

  /**
   * A resource has ended; may be called several times for one resource.
   *
   * @param execution the identifier under which FlyteAdmin, or another creator of the resource,
   *     knows it
   * @param createdAt when the resource was created
   * @param error why it can't run; empty if it was deleted before it ran
   * @throws IOException when the end can't be recorded now; the caller repeats the call
   */
  void ended(ExecutionId execution, Instant createdAt, Optional<ExecutionError> error)
      throws IOException;
}
