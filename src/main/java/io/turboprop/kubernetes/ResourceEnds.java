package io.turboprop.kubernetes;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** Is told of resources that end and have not become executions, before their status says so. */
@FunctionalInterface
public interface ResourceEnds {

  /**
   * A resource has ended; may be told several times.
   *
   * @param execution that whoever made the resource knows it by
   * @param createdAt when the resource was created
   * @param error why it can't run; empty if it was deleted before it ran
   * @throws IOException when this can't be taken now; it is told again
   */
  void ended(ExecutionId execution, Instant createdAt, Optional<ExecutionError> error)
      throws IOException;
}
