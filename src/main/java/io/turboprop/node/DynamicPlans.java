package io.turboprop.node;

import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.entity.Assignment;
import java.io.IOException;

/**
 * Compiles the graphs that dynamic tasks write instead of outputs ({@code futures.pb}, a {@code
 * flyteidl.core.DynamicJobSpec}). Calls block.
 */
public interface DynamicPlans {

  /** The result of compiling a graph. */
  sealed interface Expansion {

    /** The plan is stored and linked with the attempt that returned the graph. */
    record Planned(String digest) implements Expansion {}

    /** The graph can never be run. */
    record Refused(ExecutionError error) implements Expansion {}
  }

  /**
   * Makes the plan of an attempt; if the attempt has a plan already, that plan stays.
   *
   * @param task the template of the task that returned the graph
   * @param specification a {@code flyteidl.core.DynamicJobSpec}, as the task wrote it
   * @throws IOException when the blob store fails for a reason that may pass
   */
  Expansion expand(Assignment assignment, TaskTemplate task, DataReference specification)
      throws IOException;

  /** The largest {@code DynamicJobSpec} that is read, in bytes. */
  long specBytesMax();
}
