package io.turboprop.workflow.plan;

import java.util.Optional;

/**
 * The graph of an array: one node for each element, all alike and without edges. The id of node i
 * is {@code n<i>}. The graph stores no nodes, so that a long list takes no memory here.
 *
 * @param array the array of the elements
 */
public record ElementGraph(NodeKind.Array array, int size) implements Graph {
  private static final char PREFIX = 'n';

  @Override
  public PlanNode node(int number) {
    var element = array.element();
    return new PlanNode(
        id(number), element.name(), element.kind(), element.bindings(), element.policy());
  }

  /** The id of the element with this number. */
  public static String id(int number) {
    return PREFIX + Integer.toString(number);
  }

  /** An array counts its failures itself. */
  @Override
  public FailurePolicy failurePolicy() {
    return FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE;
  }

  @Override
  public Optional<Integer> find(String id) {
    try {
      var number = Integer.parseInt(id, 1, id.length(), 10);
      return number < size && id.equals(id(number)) ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException | IndexOutOfBoundsException _) {
      return Optional.empty();
    }
  }

  /** An element waits for no node, but for the array to start it. */
  @Override
  public int upstreamCount(int number) {
    return 1;
  }

  @Override
  public int downstreamCount(int number) {
    return 0;
  }

  @Override
  public long sizeWithSubWorkflows() {
    return size;
  }

  @Override
  public int downstream(int number, int index) {
    throw new IndexOutOfBoundsException(index);
  }
}
