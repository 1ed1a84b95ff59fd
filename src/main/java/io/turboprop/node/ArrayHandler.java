package io.turboprop.node;

import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.LiteralCollection;
import flyteidl.core.Literals.Scalar;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.Progress;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Begins and ends an array node ({@code flyteidl.core.ArrayNode}, or a map task of an older
 * flytekit): counts the elements at the start and, when all elements have ended, gathers their
 * outputs into lists. The workflow machine runs the elements in between.
 *
 * <p>Two differences from FlytePropeller: outputs that can't be read now never shorten a list,
 * since the handler reads them again later; and the outputs of a recovered element count.
 */
final class ArrayHandler implements ImmediateHandler {
  private static final Literal NONE =
      Literal.newBuilder()
          .setScalar(
              Scalar.newBuilder().setNoneType(flyteidl.core.Literals.Void.getDefaultInstance()))
          .build();

  private final Assignment assignment;
  private final NodeKind.Array array;
  private final NodeInputsReader inputs;
  private final ValuesWriter writer;
  private final OutputNames names;
  private final BlockingCalls blocking;
  private final long sizeBytesMax;
  private final OffloadedLists offloaded;

  /**
   * @param sizeBytesMax the largest outputs that a reader accepts
   */
  ArrayHandler(
      Assignment assignment,
      NodeKind.Array array,
      NodeInputsReader inputs,
      ValuesWriter writer,
      OutputNames names,
      Executor blocking,
      long sizeBytesMax,
      OffloadedLists offloaded) {
    this.assignment = assignment;
    this.array = array;
    this.inputs = inputs;
    this.writer = writer;
    this.names = names;
    this.blocking = new BlockingCalls(blocking);
    this.sizeBytesMax = sizeBytesMax;
    this.offloaded = offloaded;
  }

  @Override
  public CompletionStage<NodeTransition> handle(Progress progress) {
    return assignment.finished().map(this::gathered).orElseGet(this::opened);
  }

  private CompletionStage<NodeTransition> opened() {
    return inputs
        .read(assignment)
        .thenCompose(result ->
            switch (result) {
              case NodeInputsReader.Result.Inputs(var literals) ->
                  blocking
                      .call(() -> inputs.ofElements().size(array, literals))
                      .thenCompose(size -> opened(literals, size));
              case NodeInputsReader.Result.Impossible(var message) ->
                  CompletableFuture.completedFuture(GraphValuesHandler.impossible(message));
            });
  }

  private CompletionStage<NodeTransition> opened(Literals literals, ArraySize size) {
    return switch (size) {
      case ArraySize.Refused(var error) -> CompletableFuture.completedFuture(failed(error));
      case ArraySize.Known(var elements) ->
          writer
              .inputs(assignment, literals)
              .thenApply(values -> {
                if (values instanceof Values.Stored(var reference)) {
                  inputs.ofElements().remember(reference, literals);
                }
                return new NodeTransition.Opened(
                    values, new Subgraph.ArrayElements(elements), AttemptSummary.NONE);
              });
    };
  }

  private CompletionStage<NodeTransition> gathered(GraphState elements) {
    return blocking
        .call(() -> gather(elements))
        .thenCompose(gathered ->
            switch (gathered) {
              case Gathered.TooMuch(var sizeBytes) ->
                  CompletableFuture.completedFuture(failed(tooLarge(sizeBytes)));
              case Gathered.Outputs(var outputs) ->
                  writer
                      .fittedOutputs(assignment, outputs, sizeBytesMax, offloaded)
                      .thenApply(
                          values -> new NodeTransition.Succeeded(values, AttemptSummary.NONE));
            });
  }

  /** The outputs of the elements. */
  private sealed interface Gathered {
    record Outputs(Literals literals) implements Gathered {}

    /** The outputs exceed what may be held in memory; the handler does not read the rest. */
    record TooMuch(long sizeBytes) implements Gathered {}
  }

  /**
   * Gathers each output into a list in the order of the elements; a failed element contributes
   * none.
   */
  private Gathered gather(GraphState elements) throws IOException {
    var lists = new LinkedHashMap<String, LiteralCollection.Builder>();
    names.of(array.element()).forEach(name -> lists.put(name, LiteralCollection.newBuilder()));
    var sizeBytes = 0L;
    for (var element : elements.nodes()) {
      var made = outputs(element);
      sizeBytes += made.sizeBytes();
      if (sizeBytes > offloaded.sizeBytesMax(sizeBytesMax)) {
        return new Gathered.TooMuch(sizeBytes);
      }
      lists.forEach((name, list) -> list.addLiterals(made.get(name).orElse(NONE)));
    }
    var outputs = new LinkedHashMap<String, Literal>();
    lists.forEach(
        (name, list) -> outputs.put(name, Literal.newBuilder().setCollection(list).build()));
    return new Gathered.Outputs(Literals.of(outputs));
  }

  private Literals outputs(NodeState element) throws IOException {
    return element instanceof NodeState.Ended ended && ended.phase().succeeded()
        ? inputs.literals(ended.outputs())
        : Literals.EMPTY;
  }

  private ExecutionError tooLarge(long sizeBytes) {
    return ExecutionError.user(
        "OutputSizeExceeded",
        "the outputs of the elements have more than %d bytes together; the limit is %d (turboprop.data.offloading.map-max, turboprop.data.read-max)"
            .formatted(sizeBytes - 1, offloaded.sizeBytesMax(sizeBytesMax)));
  }

  private static NodeTransition failed(ExecutionError error) {
    return new NodeTransition.Failed(error, false, AttemptSummary.NONE);
  }
}
