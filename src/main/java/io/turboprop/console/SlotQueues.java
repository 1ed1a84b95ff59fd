package io.turboprop.console;

import io.turboprop.data.ExecutionId;
import io.turboprop.plugin.QueuePlace;
import java.util.Optional;

/** Finds the place of an attempt that waits for a slot. */
@FunctionalInterface
public interface SlotQueues {
  /**
   * Where an attempt waits; empty if it waits for no slot. May block.
   *
   * @param generatedName the attempt's generated name
   */
  Optional<QueuePlace> find(ExecutionId execution, String generatedName);
}
