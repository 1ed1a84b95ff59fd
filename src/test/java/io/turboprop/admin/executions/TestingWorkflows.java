package io.turboprop.admin.executions;

import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.entity.WorkflowEntity;
import io.turboprop.workflow.entity.Workflows;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;

/** Executions that only record the commands that they get. */
final class TestingWorkflows implements Workflows {
  final List<ExecutionId> started = new CopyOnWriteArrayList<>();
  final List<String> aborted = new CopyOnWriteArrayList<>();
  final List<String> toldToLookAgain = new CopyOnWriteArrayList<>();
  volatile boolean broken;

  /** The first answers, in order; after them, every command is accepted. */
  final Deque<CompletionStage<WorkflowEntity.Reply>> answers = new ConcurrentLinkedDeque<>();

  @Override
  public void start(ExecutionId id) {
    if (broken) {
      throw new IllegalStateException("no cluster");
    }
    started.add(id);
  }

  @Override
  public void lookAgain(ExecutionId id, NodePath node) {
    toldToLookAgain.add(id.text() + " " + node);
  }

  @Override
  public CompletionStage<WorkflowEntity.Reply> abort(ExecutionId id, String cause) {
    aborted.add(cause);
    return answers.isEmpty()
        ? CompletableFuture.completedStage(new WorkflowEntity.Reply.Accepted())
        : answers.removeFirst();
  }
}
