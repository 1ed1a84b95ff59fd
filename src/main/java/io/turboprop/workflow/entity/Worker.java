package io.turboprop.workflow.entity;

import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;

/** The children of an execution, one for each attempt that is under way. */
public interface Worker {

  /** What an execution tells a worker. */
  sealed interface Message {}

  /** Stop the attempt instead of going on with it, and report {@code Aborted}. */
  record Abort(Work.AbortNode work) implements Message {}

  /** Something you wait for may have happened. */
  record LookAgain() implements Message {}

  /**
   * Nothing is to be done for now, but the attempt goes on: be gone, and leave all as it is. One
   * that has reported the end of the attempt meanwhile, or is stopping it, stays.
   */
  record Leave() implements Message {}

  /** What you reported is recorded, and the attempt is over: clean up and stop. */
  record Release() implements Message {}

  /** Makes workers; bound by the guardian, so that this package need not know them. */
  interface Factory {

    /**
     * @param reports where news of the attempt goes; a report may be repeated
     */
    Behavior<Message> worker(Assignment assignment, ActorRef<NodeReport> reports);
  }
}
