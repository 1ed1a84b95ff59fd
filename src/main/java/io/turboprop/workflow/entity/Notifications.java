package io.turboprop.workflow.entity;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowMachine;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import io.turboprop.workflow.state.WorkflowState.Running;
import io.turboprop.workflow.state.WorkflowState.Succeeding;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The notifications of an execution on which it has not acted yet. The facts themselves are rows,
 * which the query for {@link Unseen} finds. A message only triggers the query or wakes one node. So
 * a message may be lost, doubled or late.
 *
 * <p>At most one query is under way. An activation during a query may be about a row that the query
 * has missed, so another query follows.
 */
final class Notifications {
  private final Set<NodePath> nodes = new LinkedHashSet<>();
  private Optional<String> abortCause = Optional.empty();
  private boolean foundAbort;
  private boolean queryWanted;
  private boolean queryUnderWay;

  /** Records that there may be unseen rows. */
  void activated() {
    queryWanted = true;
  }

  /** Records that the unseen rows are being loaded with the execution. */
  void loading() {
    queryWanted = false;
  }

  /** Whether the caller has to begin a query now; it calls {@link #queryEnded} afterwards. */
  boolean beginsQuery() {
    var begins = queryWanted && !queryUnderWay;
    if (begins) {
      queryWanted = false;
      queryUnderWay = true;
    }
    return begins;
  }

  /** Records that the query has ended or failed. */
  void queryEnded() {
    queryUnderWay = false;
  }

  /** Whether a query is wanted or under way, so that commands may follow soon. */
  boolean awaitsQuery() {
    return queryWanted || queryUnderWay;
  }

  /** Records the result of a query. */
  void found(Unseen unseen) {
    nodes.addAll(unseen.nodes());
    if (unseen.abortCause().isPresent()) {
      abortCause = unseen.abortCause();
      foundAbort = true;
    }
  }

  /** Whether a query has found a request to abort the execution. */
  boolean hasFoundAbort() {
    return foundAbort;
  }

  /** Records that the event that a node waits for may have happened. */
  void notified(NodePath node) {
    nodes.add(node);
  }

  /**
   * The commands that follow in this state; the notifications behind them are removed. The
   * notification of a node is kept until the node sleeps or has ended: a node that is not asleep
   * yet may still report a sleep that began before the event. An abort is kept until the execution
   * has started.
   */
  List<WorkflowCommand> commands(WorkflowState state) {
    var commands = new ArrayList<WorkflowCommand>();
    switch (state) {
      case NotStarted _ -> {}
      case Running _ -> {
        abortCause.map(WorkflowCommand.Abort::new).ifPresent(commands::add);
        abortCause = Optional.empty();
      }
      case Succeeding _, Done _ -> abortCause = Optional.empty();
    }
    nodes.removeIf(node -> WorkflowMachine.isOver(state, node));
    var asleep = nodes.stream().filter(node -> WorkflowMachine.sleeps(state, node)).toList();
    asleep.forEach(nodes::remove);
    if (!asleep.isEmpty()) {
      commands.add(new WorkflowCommand.LookAgain(asleep));
    }
    return commands;
  }
}
