package io.turboprop.node;

import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.entity.Assignment;
import java.io.IOException;

/** Makes plans of the graphs that tasks leave instead of outputs (engine §4.7). Calls block. */
public interface DynamicPlans {

  /** What became of a graph. */
  sealed interface Expansion {

    /** It is a plan, stored and linked with the attempt that has made it. */
    record Planned(String digest) implements Expansion {}

    /** It can never be run. */
    record Refused(ExecutionError error) implements Expansion {}
  }

  /**
   * Makes the plan of an attempt; the first one that was made for it stays.
   *
   * @param task the template of the task that has left the graph
   * @param specification a {@code flyteidl.core.DynamicJobSpec}, as the task has left it
   * @throws IOException when the blob store fails for a reason that may pass
   */
  Expansion expand(Assignment assignment, TaskTemplate task, DataReference specification)
      throws IOException;

  /** The largest {@code DynamicJobSpec} that is looked at, in bytes. */
  long specBytesMax();
}
