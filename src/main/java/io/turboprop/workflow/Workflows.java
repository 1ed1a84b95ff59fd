package io.turboprop.workflow;

import io.turboprop.data.ExecutionId;
import java.util.concurrent.CompletionStage;

/** What others call: the executions of the whole cluster. */
public interface Workflows {

  /**
   * Has an accepted execution begin, or go on. Returns at once; if the message is lost, the waker
   * sends another.
   */
  void start(ExecutionId id);

  /**
   * Ends an execution early. The request has been stored before, so that it can't be lost.
   *
   * @return completes when the execution has recorded it, with the reason if it refuses; fails with
   *     {@link java.util.concurrent.TimeoutException} when it does not answer in time
   */
  CompletionStage<WorkflowEntity.Reply> abort(ExecutionId id, String cause);
}
