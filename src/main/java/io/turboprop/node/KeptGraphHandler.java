package io.turboprop.node;

import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.DataStore.DataTooLargeException;
import io.turboprop.data.Values;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Opens the dynamic graph of an earlier execution, so that its succeeded nodes are reused. The task
 * runs again only if the graph was deleted, or is larger than the present limit.
 */
final class KeptGraphHandler implements NodeHandler {
  private final TaskAttempt task;
  private final DataReference graph;
  private final DynamicPlans plans;
  private final DataStore store;
  private final NodeHandler otherwise;
  private final BlockingCalls blocking;
  private boolean gone;

  /**
   * @param graph a {@code flyteidl.core.DynamicJobSpec}
   * @param otherwise runs the task
   */
  KeptGraphHandler(
      TaskAttempt task,
      DataReference graph,
      DynamicPlans plans,
      DataStore store,
      NodeHandler otherwise,
      Executor blocking) {
    this.task = task;
    this.graph = graph;
    this.plans = plans;
    this.store = store;
    this.otherwise = otherwise;
    this.blocking = new BlockingCalls(blocking);
  }

  @Override
  public CompletionStage<NodeTransition> handle(Progress progress) {
    if (gone || !progress.equals(Progress.NONE)) {
      return otherwise.handle(progress);
    }
    return blocking
        .call(this::opened)
        .thenCompose(opened -> {
          gone = opened.isEmpty();
          return opened
              .<CompletionStage<NodeTransition>>map(CompletableFuture::completedFuture)
              .orElseGet(() -> otherwise.handle(progress));
        });
  }

  /** The handler copies the graph first, because the earlier execution may be deleted. */
  private Optional<NodeTransition> opened() throws IOException {
    var own = task.files().futures();
    try {
      store.write(own, store.read(graph, plans.specBytesMax()));
      return Optional.of(
          switch (plans.expand(task.assignment(), task.template(), own)) {
            case DynamicPlans.Expansion.Planned(var digest) ->
                new NodeTransition.Opened(
                    Values.NONE, new Subgraph.Dynamic(digest), AttemptSummary.NONE);
            case DynamicPlans.Expansion.Refused(var error) ->
                new NodeTransition.Failed(error, false, AttemptSummary.NONE);
          });
    } catch (NoSuchFileException | DataTooLargeException e) {
      return Optional.empty();
    }
  }

  @Override
  public CompletionStage<Void> abort(Progress progress, String cause) {
    return otherwise.abort(progress, cause);
  }

  @Override
  public CompletionStage<Void> finish(Progress progress) {
    return otherwise.finish(progress);
  }
}
