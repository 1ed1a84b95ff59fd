package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.node.PastNodes.PastNode;
import io.turboprop.node.PastNodes.Result;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Looks a node up in an earlier execution before running it. A succeeded node is reused; any other
 * node goes to its own handler, together with the state that the earlier execution left.
 */
final class ReuseHandler implements NodeHandler {

  /** The rule that says when the outputs of an earlier execution are reused. */
  sealed interface Rule {
    /** Reuses every succeeded node: the execution recovers the earlier one. */
    record Recover() implements Rule {}

    /**
     * Reuses a node that succeeded with the same inputs and would do the same again: the execution
     * repeats only what has changed.
     *
     * @param content what the node does now; empty if it only contains other nodes
     */
    record Unchanged(ByteString content) implements Rule {}
  }

  private static final CompletionStage<Optional<Result>> NOTHING =
      CompletableFuture.completedStage(Optional.empty());

  private final Assignment assignment;
  private final ExecutionId earlier;
  private final Rule rule;
  private final PastNodes nodes;
  private final NodeInputsReader inputs;
  private final ValuesWriter values;
  private final DeckCopies decks;
  private final Function<RecoveryState, NodeHandler> handlers;
  private final Executor blocking;
  private Optional<NodeHandler> handler = Optional.empty();

  /**
   * @param handlers makes the handler that runs the node, from the recovery state
   */
  ReuseHandler(
      Assignment assignment,
      ExecutionId earlier,
      Rule rule,
      PastNodes nodes,
      NodeInputsReader inputs,
      ValuesWriter values,
      DeckCopies decks,
      Function<RecoveryState, NodeHandler> handlers,
      Executor blocking) {
    this.assignment = assignment;
    this.earlier = earlier;
    this.rule = rule;
    this.nodes = nodes;
    this.inputs = inputs;
    this.values = values;
    this.decks = decks;
    this.handlers = handlers;
    this.blocking = blocking;
  }

  @Override
  public CompletionStage<NodeTransition> handle(Progress progress) {
    if (handler.isPresent()) {
      return handler.orElseThrow().handle(progress);
    }
    return CompletableFuture.supplyAsync(() -> nodes.find(earlier, assignment.path()), blocking)
        .thenCompose(past ->
            past.<CompletionStage<NodeTransition>>map(node -> with(node, progress))
                .orElseGet(() -> without(progress)));
  }

  /**
   * Runs a node that the earlier execution does not have. If that execution is deleted, nothing is
   * known of the node, so it fails: the user has asked that what had succeeded is not run again.
   */
  private CompletionStage<NodeTransition> without(Progress progress) {
    return CompletableFuture.supplyAsync(
            () -> nodes.isSourceGone(assignment.execution().number()), blocking)
        .thenCompose(gone ->
            gone
                ? new RefusedHandler(sourceGone()).handle(progress)
                : handled(RecoveryState.NONE, progress));
  }

  private ExecutionError sourceGone() {
    return ExecutionError.system(
        "SourceGone",
        "the execution %s, whose results are to be reused, is deleted (turboprop.store.retention.keep-executions); start the workflow anew"
            .formatted(earlier.text()));
  }

  /** An attempt that has already begun goes on, and still uses the recovery state. */
  private CompletionStage<NodeTransition> with(PastNode past, Progress progress) {
    var isNew = progress.equals(Progress.NONE);
    return switch (rule) {
      case Rule.Recover _ ->
          past.result()
              .filter(_ -> isNew)
              .map(this::reused)
              .orElseGet(() -> handled(RecoveryState.whole(past), progress));
      case Rule.Unchanged(var content) ->
          (isNew ? unchanged(past, content) : NOTHING)
              .thenCompose(result ->
                  result
                      .map(this::reused)
                      .orElseGet(() -> handled(RecoveryState.ofChanged(past), progress)));
    };
  }

  private CompletionStage<NodeTransition> handled(RecoveryState remains, Progress progress) {
    var chosen = handlers.apply(remains);
    handler = Optional.of(chosen);
    return chosen.handle(progress);
  }

  /** Stopping or cleaning up an attempt needs no recovery state. */
  private NodeHandler chosen() {
    return handler.orElseGet(() -> handlers.apply(RecoveryState.NONE));
  }

  private CompletionStage<Optional<Result>> unchanged(PastNode past, ByteString content) {
    var same = past.result().filter(result -> result.content().equals(content));
    if (content.isEmpty() || same.isEmpty()) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    return inputs
        .read(assignment)
        .thenApply(read ->
            same.filter(result ->
                read instanceof NodeInputsReader.Result.Inputs(var literals)
                    && literals.equals(result.inputs())));
  }

  private CompletionStage<NodeTransition> reused(Result past) {
    return values
        .outputs(assignment, past.outputs())
        .thenCombine(
            decks.copy(past.deckUri(), assignment),
            (outputs, deck) ->
                new NodeTransition.Recovered(
                    outputs,
                    new AttemptSummary(Optional.empty(), ByteString.EMPTY, past.cache(), deck)));
  }

  @Override
  public CompletionStage<Void> abort(Progress progress, String cause) {
    return chosen().abort(progress, cause);
  }

  @Override
  public CompletionStage<Void> finish(Progress progress) {
    return chosen().finish(progress);
  }
}
