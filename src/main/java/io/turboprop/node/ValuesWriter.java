package io.turboprop.node;

import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.Layout;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.workflow.entity.Assignment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Keeps small values in the events and writes large values to their files in Flyte's layout. */
final class ValuesWriter {
  private final DataStore store;
  private final Layout layout;
  private final BlockingCalls blocking;

  ValuesWriter(DataStore store, Layout layout, Executor blocking) {
    this.store = store;
    this.layout = layout;
    this.blocking = new BlockingCalls(blocking);
  }

  /** Makes the record of an attempt's outputs, and writes large outputs to their file first. */
  CompletionStage<Values> outputs(Assignment assignment, Literals literals) {
    return write(assignment, literals, TaskFiles.of(layout, assignment).own().outputs());
  }

  /**
   * Makes the record of an attempt's outputs, and offloads lists if the literal map would be larger
   * than the limit.
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

  /** Makes the record of a node's inputs, and writes large inputs to their file first. */
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
