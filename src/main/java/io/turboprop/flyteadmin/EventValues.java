package io.turboprop.flyteadmin;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import flyteidl.core.Literals.LiteralMap;
import io.turboprop.data.BlobStorage;
import io.turboprop.data.DataReference;
import io.turboprop.data.Layout;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.execution.NodeInputs;
import io.turboprop.flyteadmin.FlyteAdminSettings.RawOutputPolicy;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionTables;
import io.turboprop.workflow.plan.PlanNode;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;

/**
 * Completes events with inputs and outputs: in the event itself, or as files in the blob store to
 * which it refers. Values that the journal has in itself are written to such a file where the event
 * refers to it. Blocks.
 */
final class EventValues {
  private final BlobStorage storage;
  private final NodeInputs inputs;
  private final NodeExecutionTables nodes;
  private final RawOutputPolicy policy;
  private final int inlineBytesMax;
  private final Clock clock;

  /**
   * @param inlineBytesMax the largest values that travel in an event
   */
  EventValues(
      BlobStorage storage,
      NodeInputs inputs,
      NodeExecutionTables nodes,
      RawOutputPolicy policy,
      int inlineBytesMax,
      Clock clock) {
    this.storage = storage;
    this.inputs = inputs;
    this.nodes = nodes;
    this.policy = policy;
    this.inlineBytesMax = inlineBytesMax;
    this.clock = clock;
  }

  /** The message to send. */
  Message complete(ExecutionRow execution, FlyteEvent event) throws IOException {
    return complete(execution, event, policy);
  }

  /** The message with all values as references, for a message that was too large. */
  Message referring(ExecutionRow execution, FlyteEvent event) throws IOException {
    return complete(execution, event, RawOutputPolicy.REFERENCE);
  }

  private Message complete(ExecutionRow execution, FlyteEvent event, RawOutputPolicy policy)
      throws IOException {
    return switch (event) {
      case FlyteEvent.ExecutionEvent workflow -> complete(execution, workflow, policy);
      case FlyteEvent.NodeEvent node -> complete(execution, node, policy);
      case FlyteEvent.TaskEvent task -> complete(execution, task, policy);
    };
  }

  private Message complete(
      ExecutionRow execution, FlyteEvent.ExecutionEvent event, RawOutputPolicy policy)
      throws IOException {
    var message = event.event().toBuilder();
    var files = files(execution, NodePath.root(PlanNode.END), 0);
    switch (placed(event.outputs(), files.outputs(), policy)) {
      case Placed.Inside(var literals) -> message.setOutputData(literals);
      case Placed.InFile(var file) -> message.setOutputUri(file.uri());
      case Placed.Nowhere _ -> {}
    }
    return message.build();
  }

  private Message complete(
      ExecutionRow execution, FlyteEvent.NodeEvent event, RawOutputPolicy policy)
      throws IOException {
    var message = event.event().toBuilder().setReportedAt(now());
    var files = files(execution, event.path(), event.attempt());
    switch (placed(event.outputs(), files.outputs(), policy)) {
      case Placed.Inside(var literals) -> message.setOutputData(literals);
      case Placed.InFile(var file) -> message.setOutputUri(file.uri());
      case Placed.Nowhere _ -> {}
    }
    switch (event.inputs()) {
      case FILE -> message.setInputUri(files.inputs().uri());
      case DERIVED -> {
        switch (placed(derived(execution, event), files.inputs(), policy)) {
          case Placed.Inside(var literals) -> message.setInputData(literals);
          case Placed.InFile(var file) -> message.setInputUri(file.uri());
          case Placed.Nowhere _ -> {}
        }
      }
      case NONE -> {}
    }
    return message.build();
  }

  private Message complete(
      ExecutionRow execution, FlyteEvent.TaskEvent event, RawOutputPolicy policy)
      throws IOException {
    var files = files(execution, event.path(), event.attempt());
    var message = event.event().toBuilder().setReportedAt(now()).setInputUri(files.inputs().uri());
    switch (placed(event.outputs(), files.outputs(), policy)) {
      case Placed.Inside(var literals) -> message.setOutputData(literals);
      case Placed.InFile(var file) -> message.setOutputUri(file.uri());
      case Placed.Nowhere _ -> {}
    }
    return message.build();
  }

  /** Where values are for FlyteAdmin. */
  private sealed interface Placed {
    record Inside(LiteralMap literals) implements Placed {}

    record InFile(DataReference file) implements Placed {}

    /** There are none. */
    record Nowhere() implements Placed {}
  }

  /**
   * @param file the place of the values in Flyte's layout
   */
  private Placed placed(Optional<Values> values, DataReference file, RawOutputPolicy policy)
      throws IOException {
    return switch (values.orElse(Values.NONE)) {
      case Values.Stored(var reference) -> new Placed.InFile(reference);
      case Values.Inline(var literals) when literals.sizeBytes() == 0 -> new Placed.Nowhere();
      case Values.Inline(var literals)
          when policy == RawOutputPolicy.INLINE && literals.sizeBytes() <= inlineBytesMax ->
          new Placed.Inside(literals.map());
      case Values.Inline(var literals) -> {
        if (storage.store().size(file).isEmpty()) {
          storage.store().write(file, literals.bytes());
        }
        yield new Placed.InFile(file);
      }
    };
  }

  /** The inputs of a node that has no file of them; none if the node is not there any more. */
  private Optional<Values> derived(ExecutionRow execution, FlyteEvent.NodeEvent event) {
    return nodes
        .node(execution.accepted().number(), event.event().getId().getNodeId())
        .map(row -> new Values.Inline(new Literals(inputs.read(execution, row))));
  }

  private Layout.NodeFiles files(ExecutionRow execution, NodePath path, int attempt) {
    return storage.layout().node(execution.accepted().id(), path, attempt);
  }

  private Timestamp now() {
    return EventMessages.timestamp(clock.instant());
  }
}
