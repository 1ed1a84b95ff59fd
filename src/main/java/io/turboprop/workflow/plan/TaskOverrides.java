package io.turboprop.workflow.plan;

import com.google.protobuf.ByteString;
import java.util.Optional;

/**
 * The settings of a task that one node overrides.
 *
 * @param resources a serialized {@code flyteidl.core.TaskNodeOverrides}; opaque here
 */
public record TaskOverrides(
    Optional<Boolean> cacheable,
    Optional<String> cacheVersion,
    Optional<Boolean> cacheSerializable,
    ByteString resources) {
  public static final TaskOverrides NONE =
      new TaskOverrides(Optional.empty(), Optional.empty(), Optional.empty(), ByteString.EMPTY);
}
