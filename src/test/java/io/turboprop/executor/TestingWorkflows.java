package io.turboprop.executor;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.entity.WorkflowEntity;
import io.turboprop.workflow.entity.Workflows;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Hands over which nodes are told to look.
 *
 * @param told gets each node
 */
record TestingWorkflows(Consumer<NodePath> told) implements Workflows {
  @Override
  public void start(ExecutionId id) {}

  @Override
  public void lookAgain(ExecutionId id, NodePath node) {
    told.accept(node);
  }

  @Override
  public CompletionStage<WorkflowEntity.Reply> abort(ExecutionId id, String cause) {
    return CompletableFuture.completedFuture(new WorkflowEntity.Reply.Accepted());
  }
}
