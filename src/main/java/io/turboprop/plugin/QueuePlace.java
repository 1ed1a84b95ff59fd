package io.turboprop.plugin;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.util.List;

/**
 * The place of an attempt that waits for a slot, for people who ask why it waits. Queue and slots
 * change at any time.
 *
 * @param ahead how many attempts get a slot before this one
 * @param waiting how many attempts wait, this one included
 * @param held how many attempts hold a slot
 * @param holders the first of the attempts that hold a slot, at most {@link #HOLDERS_MAX}
 */
public record QueuePlace(int ahead, int waiting, int held, List<Holder> holders) {
  /** The most holders that an answer names. */
  public static final int HOLDERS_MAX = 20;

  /**
   * An attempt that holds a slot.
   *
   * @param machine the API of the process that runs the attempt, as {@code http://host:port}; empty
   *     if this process runs it
   */
  public record Holder(ExecutionId execution, NodePath node, String machine) {}

  public QueuePlace {
    holders = List.copyOf(holders);
  }
}
