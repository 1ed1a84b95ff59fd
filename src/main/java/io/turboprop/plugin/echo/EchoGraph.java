package io.turboprop.plugin.echo;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.DynamicJob.DynamicJobSpec;
import flyteidl.core.Literals.Binding;
import flyteidl.core.Literals.BindingData;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Tasks.TaskTemplate;
import flyteidl.core.Types.OutputReference;
import flyteidl.core.Workflow.Node;
import io.turboprop.plugin.TaskContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * The graph that an echo task writes instead of outputs: a {@code flyteidl.core.DynamicJobSpec}.
 */
sealed interface EchoGraph {
  /** The file name of the graph below the attempt's output prefix. */
  String FILE = "futures.pb";

  /** The serialized graph. */
  ByteString bytes(TaskContext task);

  /**
   * A graph of echo tasks {@code n0}, {@code n1}, … that pass the input on; the output of the last
   * node is the output of the graph.
   *
   * @param nodes the number of nodes
   * @param chain true: each node reads the output of the previous node; false: each node reads the
   *     input
   * @param sleep the pause of each node, as in {@link EchoParameters}; empty for none
   * @param itself whether each node runs the task that makes the graph, and so makes a graph again
   */
  record Steps(int nodes, boolean chain, Optional<Value> sleep, boolean itself)
      implements EchoGraph {

    @Override
    public ByteString bytes(TaskContext task) {
      var step = itself ? task.template() : step(task.template());
      var bytes = ByteString.newOutput();
      try {
        var message = CodedOutputStream.newInstance(bytes);
        for (int number = 0; number < nodes; number++) {
          message.writeMessage(DynamicJobSpec.NODES_FIELD_NUMBER, node(task, step, number));
        }
        for (var output : step.getInterface().getOutputs().getVariablesMap().keySet()) {
          message.writeMessage(
              DynamicJobSpec.OUTPUTS_FIELD_NUMBER, binding(output, promise(nodes - 1, output)));
        }
        message.writeMessage(DynamicJobSpec.TASKS_FIELD_NUMBER, step);
        message.flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteString();
    }

    private TaskTemplate step(TaskTemplate task) {
      var step = task.toBuilder().clearCustom();
      step.getIdBuilder().setName(task.getId().getName() + ".step");
      sleep.ifPresent(pause -> step.getCustomBuilder().putFields("sleep", pause));
      return step.build();
    }

    private Node node(TaskContext task, TaskTemplate step, int number) {
      var node = Node.newBuilder().setId("n" + number);
      node.getTaskNodeBuilder().setReferenceId(step.getId());
      for (var input : step.getInterface().getInputs().getVariablesMap().keySet()) {
        node.addInputs(
            binding(
                input,
                chain && number > 0
                    ? promise(number - 1, output(step))
                    : value(task.inputs().map().getLiteralsOrThrow(input))));
      }
      if (chain && number > 0) {
        node.addUpstreamNodeIds("n" + (number - 1));
      }
      return node.build();
    }

    private static String output(TaskTemplate step) {
      return step.getInterface().getOutputs().getVariablesMap().keySet().stream()
          .findFirst()
          .orElse("");
    }

    private static Binding binding(String variable, BindingData data) {
      return Binding.newBuilder().setVar(variable).setBinding(data).build();
    }

    private static BindingData promise(int node, String variable) {
      return BindingData.newBuilder()
          .setPromise(OutputReference.newBuilder().setNodeId("n" + node).setVar(variable))
          .build();
    }

    private static BindingData value(Literal literal) {
      return BindingData.newBuilder().setScalar(literal.getScalar()).build();
    }
  }

  /** The given bytes, unchecked. */
  record Given(ByteString content) implements EchoGraph {
    @Override
    public ByteString bytes(TaskContext task) {
      return content;
    }
  }

  /**
   * Reads the graph that a task's {@code custom} struct requests; empty when it requests none.
   *
   * @throws IllegalArgumentException when {@code futures} is no Base64
   */
  static Optional<EchoGraph> of(Struct custom) {
    var fields = custom.getFieldsMap();
    if (fields.containsKey("futures")) {
      var content = Base64.getDecoder().decode(fields.get("futures").getStringValue());
      return Optional.of(new Given(ByteString.copyFrom(content)));
    }
    return Optional.ofNullable(fields.get("graph"))
        .map(graph -> steps(graph.getStructValue().getFieldsMap()));
  }

  private static Steps steps(Map<String, Value> graph) {
    return new Steps(
        graph.containsKey("nodes") ? (int) graph.get("nodes").getNumberValue() : 1,
        graph.containsKey("chain") && graph.get("chain").getBoolValue(),
        Optional.ofNullable(graph.get("sleep")),
        graph.containsKey("itself") && graph.get("itself").getBoolValue());
  }
}
