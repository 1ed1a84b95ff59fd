package io.turboprop.workflow.decide;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.rule.Alarm;
import io.turboprop.workflow.decide.rule.Readiness;
import io.vavr.collection.HashMap;
import io.vavr.collection.Queue;
import io.vavr.collection.TreeSet;
import io.vavr.collection.Vector;
import java.util.Optional;

/**
 * Indexes of a state, derived by the rules, so that a decision need not search the graphs. {@link
 * IndexBuilder} builds them from the state; {@link IndexUpdates} updates them after each event.
 * They are no facts and are not stored. Two executions in the same state may differ in the order of
 * {@code ready}.
 *
 * @param readiness for each open graph except an array's, the readiness of its nodes by number; the
 *     key is the node around the graph, empty for the root graph. Valid for pending nodes in graphs
 *     that are not stopped.
 * @param ready the queue of nodes that may start: first the nodes that need no permit or are to be
 *     skipped, then the others in the order in which they became ready. The head is never in a
 *     stopped graph; nodes behind it may be.
 * @param permits how many permits are held, of those that {@code parallelismMax} allows
 * @param alarms the alarms of all nodes, earliest first
 * @param graphsToComplete nodes whose inner graph has to be ended or stopped
 * @param arraysWithCapacity arrays that may start another element
 */
public record Indexes(
    HashMap<Optional<NodePath>, Vector<Readiness>> readiness,
    Queue<NodePath> ready,
    int permits,
    TreeSet<Alarm> alarms,
    TreeSet<NodePath> graphsToComplete,
    TreeSet<NodePath> arraysWithCapacity) {

  /** The indexes of an execution without open graphs. */
  static final Indexes NONE =
      new Indexes(
          HashMap.empty(), Queue.empty(), 0, TreeSet.empty(), TreeSet.empty(), TreeSet.empty());

  /** The readiness of a node of a graph. */
  public Readiness readiness(Optional<NodePath> container, int number) {
    return readiness.apply(container).get(number);
  }
}
