package io.turboprop.node;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Makes the inputs or outputs of a graph when they are too large for the machine: the outputs for
 * an end node, the inputs for a node that opens a subgraph.
 */
final class GraphValuesHandler implements ImmediateHandler {
  private final Assignment assignment;
  private final NodeInputsReader inputs;
  private final Function<Literals, CompletionStage<Values>> keep;
  private final Function<Values, NodeTransition> done;

  private GraphValuesHandler(
      Assignment assignment,
      NodeInputsReader inputs,
      Function<Literals, CompletionStage<Values>> keep,
      Function<Values, NodeTransition> done) {
    this.assignment = assignment;
    this.inputs = inputs;
    this.keep = keep;
    this.done = done;
  }

  static NodeHandler outputs(Assignment assignment, NodeInputsReader inputs, ValuesWriter writer) {
    return new GraphValuesHandler(
        assignment,
        inputs,
        literals -> writer.outputs(assignment, literals),
        values -> new NodeTransition.Succeeded(values, AttemptSummary.NONE));
  }

  static NodeHandler inputs(Assignment assignment, NodeInputsReader inputs, ValuesWriter writer) {
    return new GraphValuesHandler(
        assignment,
        inputs,
        literals -> writer.outputs(assignment, literals),
        NodeTransition.Resolved::new);
  }

  /** A branch compares primitives only, so the machine gets them inline. */
  static NodeHandler inputsAtHand(Assignment assignment, NodeInputsReader inputs) {
    return new GraphValuesHandler(
        assignment,
        inputs,
        literals -> CompletableFuture.completedFuture(new Values.Inline(literals)),
        NodeTransition.Resolved::new);
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
    return keep.apply(literals).thenApply(done);
  }

  static NodeTransition impossible(String message) {
    return new NodeTransition.Failed(
        ExecutionError.system("BindingResolutionFailure", message), false, AttemptSummary.NONE);
  }
}
