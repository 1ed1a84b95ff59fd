package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.node.PastNodes.PastNode;
import io.turboprop.workflow.Assignment;
import io.turboprop.workflow.Conclusion;
import io.turboprop.workflow.Progress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Looks a node up in an earlier execution before it is run (engine §6). What had succeeded there is
 * used again; all else goes to the handler that runs it.
 */
final class ReuseHandler implements NodeHandler {

  /** When the outputs of an earlier execution are used. */
  sealed interface Rule {
    /** Whenever the node had succeeded: the execution recovers the other one. */
    record Recover() implements Rule {}

    /**
     * When it had succeeded with the same inputs and would do the same again: the execution repeats
     * the other one with what has changed.
     *
     * @param content what the node does now; empty if it only walks others
     */
    record Unchanged(ByteString content) implements Rule {}
  }

  private final Assignment assignment;
  private final ExecutionId earlier;
  private final Rule rule;
  private final PastNodes nodes;
  private final NodeInputsReader inputs;
  private final ValuesWriter values;
  private final NodeHandler handler;
  private final Executor blocking;
  private boolean looked;

  ReuseHandler(
      Assignment assignment,
      ExecutionId earlier,
      Rule rule,
      PastNodes nodes,
      NodeInputsReader inputs,
      ValuesWriter values,
      NodeHandler handler,
      Executor blocking) {
    this.assignment = assignment;
    this.earlier = earlier;
    this.rule = rule;
    this.nodes = nodes;
    this.inputs = inputs;
    this.values = values;
    this.handler = handler;
    this.blocking = blocking;
  }

  @Override
  public CompletionStage<NodeTransition> handle(Progress progress) {
    if (looked || !progress.equals(Progress.NONE)) {
      return handler.handle(progress);
    }
    return find()
        .thenCompose(past -> {
          looked = true;
          return past.map(this::reused).orElseGet(() -> handler.handle(progress));
        });
  }

  private CompletionStage<Optional<PastNode>> find() {
    return switch (rule) {
      case Rule.Recover _ -> succeeded();
      case Rule.Unchanged(var content) when content.isEmpty() ->
          CompletableFuture.completedFuture(Optional.empty());
      case Rule.Unchanged(var content) ->
          succeeded().thenCompose(past -> past.isEmpty() ? nothing() : unchanged(past, content));
    };
  }

  private CompletionStage<Optional<PastNode>> succeeded() {
    return CompletableFuture.supplyAsync(
        () -> nodes.find(earlier, assignment.uniqueNodeId()).filter(PastNode::succeeded), blocking);
  }

  private CompletionStage<Optional<PastNode>> unchanged(
      Optional<PastNode> past, ByteString content) {
    if (past.filter(node -> node.content().equals(content)).isEmpty()) {
      return nothing();
    }
    return inputs
        .read(assignment)
        .thenApply(read ->
            past.filter(node ->
                read instanceof NodeInputsReader.Result.Inputs(var literals)
                    && literals.equals(node.inputs())));
  }

  private static CompletionStage<Optional<PastNode>> nothing() {
    return CompletableFuture.completedFuture(Optional.empty());
  }

  private CompletionStage<NodeTransition> reused(PastNode past) {
    var conclusion =
        new Conclusion(Optional.empty(), ByteString.EMPTY, past.cache(), past.deckUri());
    return values
        .outputs(assignment, past.outputs())
        .thenApply(outputs -> new NodeTransition.Recovered(outputs, conclusion));
  }

  @Override
  public CompletionStage<Void> abort(Progress progress, String cause) {
    return handler.abort(progress, cause);
  }

  @Override
  public CompletionStage<Void> finish(Progress progress) {
    return handler.finish(progress);
  }
}
