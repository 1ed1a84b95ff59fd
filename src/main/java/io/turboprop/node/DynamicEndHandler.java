package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataSettings;
import io.turboprop.data.DataStore;
import io.turboprop.data.DataStore.DataTooLargeException;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Ends a dynamic node: the outputs of its graph become the outputs of its task, also in the
 * catalog. The task itself ended when it returned the graph.
 */
final class DynamicEndHandler implements ImmediateHandler {
  private static final String NO_OUTPUTS = "DynamicWorkflowOutputsNotFound";

  private final TaskAttempt task;
  private final GraphState graph;
  private final NodeInputsReader inputs;
  private final AttemptCache cache;
  private final TaskResults results;
  private final ValuesWriter writer;
  private final DataStore store;
  private final Executor blocking;
  private final long sizeBytesMax;

  /**
   * @param graph the graph inside the node, which has run to its end
   * @param sizeBytesMax the largest outputs
   */
  DynamicEndHandler(
      TaskAttempt task,
      GraphState graph,
      NodeInputsReader inputs,
      AttemptCache cache,
      TaskResults results,
      ValuesWriter writer,
      DataStore store,
      Executor blocking,
      long sizeBytesMax) {
    this.task = task;
    this.graph = graph;
    this.inputs = inputs;
    this.cache = cache;
    this.results = results;
    this.writer = writer;
    this.store = store;
    this.blocking = blocking;
    this.sizeBytesMax = sizeBytesMax;
  }

  @Override
  public CompletionStage<NodeTransition> handle(Progress progress) {
    return switch (graph.outputs(PlanNode.END)) {
      case Values.Inline(var literals) -> made(literals);
      case Values.Stored stored ->
          CompletableFuture.supplyAsync(() -> read(stored), blocking)
              .thenCompose(result ->
                  switch (result) {
                    case Outputs.Literal(var literals) -> made(literals);
                    case Outputs.Unusable(var failed) -> CompletableFuture.completedFuture(failed);
                  });
    };
  }

  private sealed interface Outputs {
    record Literal(Literals literals) implements Outputs {}

    record Unusable(NodeTransition.Failed failed) implements Outputs {}
  }

  private Outputs read(Values.Stored stored) {
    try {
      return new Outputs.Literal(Literals.parse(store.read(stored.reference(), sizeBytesMax)));
    } catch (NoSuchFileException e) {
      return new Outputs.Unusable(
          failed(
              ExecutionError.system(NO_OUTPUTS, stored.reference() + " does not exist any more"),
              true));
    } catch (DataTooLargeException e) {
      return new Outputs.Unusable(
          failed(ExecutionError.user("OutputSizeExceeded", DataSettings.tooLarge(e)), false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private CompletionStage<NodeTransition> made(Literals outputs) {
    var declared = task.template().getInterface().getOutputs().getVariablesMap().keySet();
    var made = outputs.map().getLiteralsMap().keySet();
    if (!made.equals(declared)) {
      return CompletableFuture.completedFuture(
          failed(
              ExecutionError.system(
                  NO_OUTPUTS,
                  "the task declares the outputs %s and its graph made %s"
                      .formatted(new TreeSet<>(declared), new TreeSet<>(made))),
              true));
    }
    return kept(outputs)
        .thenCompose(kept ->
            writer
                .outputs(task.assignment(), outputs)
                .thenCombine(
                    CompletableFuture.supplyAsync(() -> results.deck(task), blocking),
                    (values, deck) ->
                        new NodeTransition.Succeeded(
                            values,
                            new AttemptSummary(Optional.empty(), ByteString.EMPTY, kept, deck))));
  }

  /** The catalog key is made of the task's inputs, which are read for this purpose only. */
  private CompletionStage<AttemptSummary.Cache> kept(Literals outputs) {
    if (!cache.keeps()) {
      return CompletableFuture.completedFuture(AttemptSummary.Cache.DISABLED);
    }
    return inputs
        .read(task.assignment())
        .thenCompose(result ->
            switch (result) {
              case NodeInputsReader.Result.Inputs(var literals) ->
                  cache.resume(literals).thenCompose(_ -> cache.keep(literals, outputs));
              case NodeInputsReader.Result.Impossible(var message) ->
                  throw new IllegalStateException("inputs that were there are gone: " + message);
            });
  }

  private static NodeTransition.Failed failed(ExecutionError error, boolean recoverable) {
    return new NodeTransition.Failed(error, recoverable, AttemptSummary.NONE);
  }
}
