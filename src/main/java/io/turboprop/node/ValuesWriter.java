package io.turboprop.node;

import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.Layout;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.workflow.entity.Assignment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Keeps small values with the events and puts large ones where Flyte's layout has them. */
final class ValuesWriter {
  private final DataStore store;
  private final Layout layout;
  private final BlockingCalls blocking;

  ValuesWriter(DataStore store, Layout layout, Executor blocking) {
    this.store = store;
    this.layout = layout;
    this.blocking = new BlockingCalls(blocking);
  }

  /** The outputs of an attempt as they will be recorded; large ones are written first. */
  CompletionStage<Values> outputs(Assignment assignment, Literals literals) {
    return write(assignment, literals, TaskFiles.of(layout, assignment).own().outputs());
  }

  /**
   * The outputs of an attempt, of which lists lie beside the map if it would be larger than this.
   */
  CompletionStage<Values> fittedOutputs(
      Assignment assignment, Literals literals, long sizeBytesMax, OffloadedLists offloaded) {
    if (literals.sizeBytes() <= sizeBytesMax) {
      return outputs(assignment, literals);
    }
    var prefix = TaskFiles.of(layout, assignment).own().outputPrefix();
    return blocking
        .call(() -> offloaded.fitted(literals, prefix, sizeBytesMax))
        .thenCompose(fitted -> outputs(assignment, fitted));
  }

  /** The inputs of a node as they will be recorded; large ones are written first. */
  CompletionStage<Values> inputs(Assignment assignment, Literals literals) {
    return write(assignment, literals, TaskFiles.of(layout, assignment).own().inputs());
  }

  private CompletionStage<Values> write(
      Assignment assignment, Literals literals, DataReference reference) {
    if (literals.sizeBytes() <= assignment.execution().settings().inlineBytesMax()) {
      return CompletableFuture.completedFuture(new Values.Inline(literals));
    }
    return blocking.call(() -> {
      store.write(reference, literals.bytes());
      return new Values.Stored(reference);
    });
  }
}
