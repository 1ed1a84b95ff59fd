package io.turboprop.event;

import io.turboprop.event.Journal.Step;
import io.turboprop.store.ArrayElementChange;
import io.turboprop.store.ExecutionChange;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionChange;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.RowChange;
import io.turboprop.store.TaskExecutionChange;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Replays the journal of an execution and compares the result with the rows that clients read. The
 * caller adds the steps in order, from the first.
 */
public final class Replay {
  private final ExecutionRow execution;
  private final Plan plan;
  private final PlanNodes planNodes;
  private final Map<NodeExecutionChange.Key, NodeExecutionChange> nodes = new LinkedHashMap<>();
  private WorkflowState state;
  private ExecutionChange own;
  private long sequenceNumber;

  /** Is called with the state after each event. */
  @FunctionalInterface
  public interface Observer {
    void after(long sequenceNumber, WorkflowEvent event, WorkflowState state);
  }

  /**
   * @param beginning the state before the first step; it knows all plans of the execution
   */
  public Replay(
      ExecutionRow execution, Plan plan, PlanNodes planNodes, WorkflowState.NotStarted beginning) {
    this.execution = execution;
    this.plan = plan;
    this.planNodes = planNodes;
    this.state = beginning;
    this.own =
        ExecutionChange.step(execution.accepted().number(), 0, execution.accepted().acceptedAt());
  }

  /**
   * Adds the next step.
   *
   * @throws IllegalStateException when the step does not follow the one before
   */
  public void add(Step step, Observer observer) {
    if (step.sequenceNumber() != sequenceNumber + 1) {
      throw new IllegalStateException(
          "step %d of the journal is missing: after %d comes %d"
              .formatted(sequenceNumber + 1, sequenceNumber, step.sequenceNumber()));
    }
    sequenceNumber = step.sequenceNumber();
    for (var event : step.events()) {
      state = EventApplier.evolve(state, event);
      observer.after(sequenceNumber, event, state);
    }
    if (sequenceNumber <= execution.accepted().publishedThrough()) {
      RowChanges.of(execution.accepted(), plan, planNodes, sequenceNumber, step.events())
          .forEach(this::keep);
    }
  }

  private void keep(RowChange change) {
    switch (change) {
      case ExecutionChange mine -> own = own.then(mine);
      case NodeExecutionChange node -> nodes.merge(node.key(), node, NodeExecutionChange::then);
      case TaskExecutionChange _, ArrayElementChange _ -> {}
    }
  }

  /** The state after all steps so far. */
  public WorkflowState state() {
    return state;
  }

  /** The number of the last step. */
  public long sequenceNumber() {
    return sequenceNumber;
  }

  /** The ids of the nodes that must have rows. */
  public Set<String> nodeIds() {
    var ids = new LinkedHashSet<String>();
    nodes.keySet().forEach(key -> ids.add(key.nodeId()));
    return ids;
  }

  /**
   * The differences between the replay and the rows, as sentences; empty if they agree. Rows are
   * compared as far as they are published.
   *
   * @param rows the rows of {@link #nodeIds}
   */
  public List<String> differences(Collection<NodeExecutionRow> rows) {
    var differences = new ArrayList<String>();
    var published = execution.accepted().publishedThrough();
    if (published > sequenceNumber) {
      differences.add(
          "published through step %d, but the journal ends with step %d"
              .formatted(published, sequenceNumber));
    }
    if (own.phase() != null && own.phase() != execution.phase()) {
      differences.add(
          "the execution is shown in phase %d, but is in phase %d"
              .formatted(execution.phase(), own.phase()));
    }
    if (own.ended() != execution.ended()) {
      differences.add(
          "the execution is shown as %s".formatted(execution.ended() ? "ended" : "not ended"));
    }
    var shown = new LinkedHashMap<String, NodeExecutionRow>();
    rows.forEach(row -> shown.put(row.nodeId(), row));
    nodes.values().forEach(node -> compare(node, shown.get(node.key().nodeId()), differences));
    return differences;
  }

  private static void compare(
      NodeExecutionChange node, @Nullable NodeExecutionRow row, List<String> differences) {
    var id = node.key().nodeId();
    if (row == null) {
      differences.add("node %s is not shown".formatted(id));
    } else if (row.phase() != node.phase() || row.attempt() != node.attempt()) {
      differences.add(
          "node %s is shown in phase %d, attempt %d, but is in phase %d, attempt %d"
              .formatted(id, row.phase(), row.attempt(), node.phase(), node.attempt()));
    }
  }
}
