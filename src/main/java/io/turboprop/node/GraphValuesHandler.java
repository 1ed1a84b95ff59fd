package io.turboprop.node;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.workflow.Assignment;
import io.turboprop.workflow.Conclusion;
import io.turboprop.workflow.Progress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Makes the values at the border of a graph when they are too large for the machine: the outputs of
 * the graph for an end node, its inputs for a node that opens one.
 */
final class GraphValuesHandler implements NodeHandler {
  private final Assignment assignment;
  private final NodeInputsReader inputs;
  private final ValuesWriter writer;
  private final Function<Values, NodeTransition> done;

  private GraphValuesHandler(
      Assignment assignment,
      NodeInputsReader inputs,
      ValuesWriter writer,
      Function<Values, NodeTransition> done) {
    this.assignment = assignment;
    this.inputs = inputs;
    this.writer = writer;
    this.done = done;
  }

  static NodeHandler outputs(Assignment assignment, NodeInputsReader inputs, ValuesWriter writer) {
    return new GraphValuesHandler(
        assignment,
        inputs,
        writer,
        values -> new NodeTransition.Succeeded(values, Conclusion.NONE));
  }

  static NodeHandler inputs(Assignment assignment, NodeInputsReader inputs, ValuesWriter writer) {
    return new GraphValuesHandler(assignment, inputs, writer, NodeTransition.Resolved::new);
  }

  @Override
  public CompletionStage<NodeTransition> handle(Progress progress) {
    return inputs
        .read(assignment)
        .thenCompose(result ->
            switch (result) {
              case NodeInputsReader.Result.Inputs(var literals) -> written(literals);
              case NodeInputsReader.Result.Impossible(var message) ->
                  CompletableFuture.completedFuture(impossible(message));
            });
  }

  private CompletionStage<NodeTransition> written(Literals literals) {
    return writer.outputs(assignment, literals).thenApply(done);
  }

  static NodeTransition impossible(String message) {
    return new NodeTransition.Failed(
        ExecutionError.system("BindingResolutionFailure", message), false, Conclusion.NONE);
  }

  @Override
  public CompletionStage<Void> abort(Progress progress) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Void> finish(Progress progress) {
    return CompletableFuture.completedFuture(null);
  }
}
