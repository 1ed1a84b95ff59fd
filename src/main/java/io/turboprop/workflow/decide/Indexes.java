package io.turboprop.workflow.decide;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.rule.Alarm;
import io.turboprop.workflow.decide.rule.Readiness;
import io.vavr.collection.HashMap;
import io.vavr.collection.LinkedHashSet;
import io.vavr.collection.Queue;
import io.vavr.collection.TreeSet;
import io.vavr.collection.Vector;
import java.util.Optional;

/**
 * What the rules make of a state, kept so that a decision need not search the graphs. All of it can
 * be built from the state ({@link IndexBuilder}) and is kept step by step ({@link IndexUpdates});
 * no index is a fact, and none is stored. Two executions in the same state may differ in the order
 * of {@code ready}.
 *
 * @param readiness for each open graph but an array's, what its nodes wait for, by number; the key
 *     is the node around the graph, empty for the execution's own. It holds for nodes that are
 *     pending, in graphs that are not stopped.
 * @param ready nodes that wait for nothing but a permit, first come first served; behind the first
 *     there may be some whose graph has been stopped
 * @param permits how many permits are held, of those that {@code parallelismMax} allows
 * @param alarms what becomes due, earliest first
 * @param graphsToComplete nodes whose inner graph has to be ended, for one reason or another
 * @param arraysWithCapacity arrays that may start another element
 */
public record Indexes(
    HashMap<Optional<NodePath>, Vector<Readiness>> readiness,
    Queue<NodePath> ready,
    int permits,
    TreeSet<Alarm> alarms,
    LinkedHashSet<NodePath> graphsToComplete,
    LinkedHashSet<NodePath> arraysWithCapacity) {

  /** Those of an execution of which no graph is open. */
  static final Indexes NONE =
      new Indexes(
          HashMap.empty(),
          Queue.empty(),
          0,
          TreeSet.empty(),
          LinkedHashSet.empty(),
          LinkedHashSet.empty());

  /** What a node of a graph waits for. */
  public Readiness readiness(Optional<NodePath> container, int number) {
    return readiness.apply(container).get(number);
  }

  Indexes withReadiness(Optional<NodePath> container, Vector<Readiness> nodes) {
    return withReadiness(readiness.put(container, nodes));
  }

  Indexes withReadiness(HashMap<Optional<NodePath>, Vector<Readiness>> graphs) {
    return new Indexes(graphs, ready, permits, alarms, graphsToComplete, arraysWithCapacity);
  }

  Indexes withReady(Queue<NodePath> nodes) {
    return new Indexes(readiness, nodes, permits, alarms, graphsToComplete, arraysWithCapacity);
  }

  Indexes withPermits(int held) {
    return held == permits
        ? this
        : new Indexes(readiness, ready, held, alarms, graphsToComplete, arraysWithCapacity);
  }

  @SuppressWarnings("ReferenceEquality") // only saves a copy
  Indexes withAlarms(TreeSet<Alarm> due) {
    return due == alarms
        ? this
        : new Indexes(readiness, ready, permits, due, graphsToComplete, arraysWithCapacity);
  }

  @SuppressWarnings("ReferenceEquality") // only saves a copy
  Indexes withGraphsToComplete(LinkedHashSet<NodePath> nodes) {
    return nodes == graphsToComplete
        ? this
        : new Indexes(readiness, ready, permits, alarms, nodes, arraysWithCapacity);
  }

  @SuppressWarnings("ReferenceEquality") // only saves a copy
  Indexes withArraysWithCapacity(LinkedHashSet<NodePath> nodes) {
    return nodes == arraysWithCapacity
        ? this
        : new Indexes(readiness, ready, permits, alarms, graphsToComplete, nodes);
  }
}
