package io.turboprop.workflow.entity;

import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;

/** The protocol of workers, the children of an entity: one for each attempt under way. */
public interface Worker {

  /** A message of the entity to a worker. */
  sealed interface Message {}

  /** Stop the attempt and report {@code Aborted}. */
  record Abort(Work.AbortNode work) implements Message {}

  /** Check again: the event that the attempt waits for may have happened. */
  record LookAgain() implements Message {}

  /**
   * Stop without cleaning up: the attempt continues without a worker. A worker that has reported
   * the end of the attempt meanwhile, or is stopping it, ignores this.
   */
  record Leave() implements Message {}

  /** Clean up and stop: the reported end of the attempt is recorded. */
  record Release() implements Message {}

  /** Creates workers; bound by the assembly, so that this package does not depend on them. */
  interface Factory {

    /**
     * @param reports receives the reports about the attempt; a report may be repeated
     */
    Behavior<Message> worker(Assignment assignment, ActorRef<NodeReport> reports);
  }
}
