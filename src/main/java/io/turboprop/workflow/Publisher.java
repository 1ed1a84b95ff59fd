package io.turboprop.workflow;

import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Tells the world what has been recorded: read tables, clients, other control planes. Each step of an
 * execution is handed over once, in order, after it is in the journal.
 */
public interface Publisher {

  /**
   * Takes over one step; never blocks.
   *
   * @param sequenceNumber the step's number in the journal; steps are consecutive
   * @return completes once everybody has been told; fails only if the publisher stops
   */
  CompletionStage<Void> publish(
      AcceptedExecution execution, Plan plan, long sequenceNumber, List<WorkflowEvent> step);

  /**
   * Tells what was recorded before this JVM knew the execution: reads the journal from the last
   * published step on.
   *
   * @param sequenceNumber the last step in the journal
   */
  CompletionStage<Void> catchUp(AcceptedExecution execution, Plan plan, long sequenceNumber);
}
