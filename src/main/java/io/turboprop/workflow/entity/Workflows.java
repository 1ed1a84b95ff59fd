package io.turboprop.workflow.entity;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import java.util.concurrent.CompletionStage;

/** The executions of the whole cluster, for all other packages. */
public interface Workflows {

  /**
   * Starts an accepted execution, or continues it. Returns at once; if the message is lost, the
   * waker sends another.
   */
  void start(ExecutionId id);

  /**
   * Notifies an execution that the event for which a node waits may have happened: a child
   * execution has ended, a signal was sent. Returns at once. The caller has stored the fact before,
   * so the execution finds it even if the message is lost.
   */
  void lookAgain(ExecutionId id, NodePath node);

  /**
   * Ends an execution early. The request has been stored before, so that it can't be lost.
   *
   * @return completes when the execution has recorded it, with the reason if it refuses; fails with
   *     {@link java.util.concurrent.TimeoutException} when it does not answer in time
   */
  CompletionStage<WorkflowEntity.Reply> abort(ExecutionId id, String cause);
}
