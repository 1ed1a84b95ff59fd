package io.turboprop.workflow.decide.rule;

import io.turboprop.data.ExecutionError;
import io.turboprop.workflow.plan.ElementGraph;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.NodeState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;

/**
 * Decides when elements of an array are started, and how many of them may fail ({@code
 * ArrayNode.parallelism}, {@code min_successes} and {@code min_success_ratio}). An array succeeds
 * when all elements have ended; it fails as soon as too many have failed.
 */
public final class Elements {
  private static final int MESSAGE_LENGTH_MAX = 102_400;

  private Elements() {}

  /** How many elements have to succeed. */
  public static int required(NodeKind.Array array, int size) {
    return array.successesMin().orElseGet(() -> (int) Math.ceil(array.successRatioMin() * size));
  }

  /** Whether another element may be started. */
  public static boolean mayStart(GraphState state, ExecutionSettings settings) {
    if (!(state.graph() instanceof ElementGraph(var array, var size))) {
      return false;
    }
    return state.stop().isEmpty()
        && state.begun() < size
        && state.begun() - (size - state.unfinished()) < bound(array, settings);
  }

  /** The most elements at once. An array without a limit has the limit of its execution. */
  private static int bound(NodeKind.Array array, ExecutionSettings settings) {
    var wanted = array.parallelismMax().orElse(settings.parallelismMax());
    return wanted == 0 ? settings.elementsMax() : Math.min(wanted, settings.elementsMax());
  }

  /** The error of an array in which too many elements have failed. */
  static Optional<ExecutionError> fatal(ElementGraph graph, GraphState state) {
    return graph.size() - state.failed() < required(graph.array(), graph.size())
        ? Optional.of(error(state))
        : Optional.empty();
  }

  /**
   * The error of a failed array: one line for each distinct message, with the numbers of its
   * elements in front.
   */
  private static ExecutionError error(GraphState state) {
    var numbers = new TreeMap<String, List<Integer>>();
    int number = 0;
    for (var node : state.nodes()) {
      if (node instanceof NodeState.Ended ended && ended.phase().failed()) {
        var message = ended.error().map(ExecutionError::message).orElse("");
        numbers.computeIfAbsent(message, _ -> new ArrayList<>()).add(number);
      }
      number++;
    }
    var text = new StringBuilder();
    numbers.forEach((message, failed) ->
        text.append('[').append(ranges(failed)).append("]: ").append(message).append('\n'));
    return new ExecutionError(
        "ArrayNodeFailing", shortened(text.toString()), ExecutionError.Kind.UNKNOWN);
  }

  /** Ascending numbers as {@code 0,3-5}. */
  private static String ranges(List<Integer> numbers) {
    var text = new StringJoiner(",");
    int first = 0;
    for (int i = 0; i < numbers.size(); i++) {
      if (i + 1 == numbers.size() || numbers.get(i + 1) > numbers.get(i) + 1) {
        text.add(
            first == i ? numbers.get(i).toString() : numbers.get(first) + "-" + numbers.get(i));
        first = i + 1;
      }
    }
    return text.toString();
  }

  private static String shortened(String text) {
    return text.length() <= MESSAGE_LENGTH_MAX
        ? text
        : text.substring(0, MESSAGE_LENGTH_MAX) + "... and many more.";
  }
}
