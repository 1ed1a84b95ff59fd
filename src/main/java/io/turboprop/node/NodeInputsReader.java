package io.turboprop.node;

import io.turboprop.data.BindingException;
import io.turboprop.data.Bindings;
import io.turboprop.data.DataSettings;
import io.turboprop.data.DataStore;
import io.turboprop.data.DataStore.DataTooLargeException;
import io.turboprop.data.Layout;
import io.turboprop.data.LiteralLoader;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.workflow.entity.Assignment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Makes the inputs of a node from the outputs of upstream nodes, and reads them from the blob store
 * where needed.
 */
final class NodeInputsReader {
  private final DataStore store;
  private final Layout layout;
  private final Executor blocking;
  private final long sizeBytesMax;
  private final ElementInputs elements;

  NodeInputsReader(DataStore store, Layout layout, Executor blocking, long sizeBytesMax) {
    this.store = store;
    this.layout = layout;
    this.blocking = blocking;
    this.sizeBytesMax = sizeBytesMax;
    this.elements = new ElementInputs(store, blocking);
  }

  /** The inputs of array elements. */
  ElementInputs ofElements() {
    return elements;
  }

  /** The result of making the inputs. */
  sealed interface Result {
    record Inputs(Literals literals) implements Result {}

    /** The inputs can never be made. */
    record Impossible(String message) implements Result {}
  }

  /**
   * Completes at once if all values are in memory; fails with {@link UncheckedIOException} for
   * reasons that may pass.
   */
  CompletionStage<Result> read(Assignment assignment) {
    return assignment.element().map(elements::read).orElseGet(() -> bound(assignment));
  }

  private CompletionStage<Result> bound(Assignment assignment) {
    var inline = inline(assignment.sources());
    if (inline.size() == assignment.sources().size() && assignment.graphFailure().isEmpty()) {
      try {
        return CompletableFuture.completedFuture(
            new Result.Inputs(Bindings.resolve(assignment.node().bindings(), inline)));
      } catch (BindingException _) {
        return later(assignment);
      }
    }
    return later(assignment);
  }

  private CompletionStage<Result> later(Assignment assignment) {
    return CompletableFuture.supplyAsync(() -> readBlocking(assignment), blocking);
  }

  private static Map<String, Literals> inline(Map<String, Values> sources) {
    var inline = new HashMap<String, Literals>();
    sources.forEach((node, values) -> {
      if (values instanceof Values.Inline(var literals)) {
        inline.put(node, literals);
      }
    });
    return inline;
  }

  private Result readBlocking(Assignment assignment) {
    try {
      var sources = new HashMap<String, Literals>();
      for (var source : assignment.sources().entrySet()) {
        sources.put(source.getKey(), literals(source.getValue()));
      }
      return new Result.Inputs(
          withError(
              assignment,
              Bindings.resolve(
                  assignment.node().bindings(), sources, LiteralLoader.from(store, sizeBytesMax))));
    } catch (BindingException | IllegalArgumentException e) {
      return new Result.Impossible(String.valueOf(e.getMessage()));
    } catch (DataTooLargeException e) {
      return new Result.Impossible(DataSettings.tooLarge(e));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Adds the error of the graph to the inputs of a failure node and writes them, because clients
   * could not see a value that no binding has.
   */
  private Literals withError(Assignment assignment, Literals resolved) throws IOException {
    if (assignment.graphFailure().isEmpty()) {
      return resolved;
    }
    var failure = assignment.graphFailure().orElseThrow();
    var inputs = resolved.withError(failure.error(), failure.nodeId());
    store.write(TaskFiles.of(layout, assignment).own().inputs(), inputs.bytes());
    return inputs;
  }

  /**
   * Reads recorded values; blocks if they are in a file.
   *
   * @throws IOException also when the file is too large
   */
  Literals literals(Values values) throws IOException {
    return switch (values) {
      case Values.Inline(var literals) -> literals;
      case Values.Stored(var reference) -> Literals.parse(store.read(reference, sizeBytesMax));
    };
  }
}
