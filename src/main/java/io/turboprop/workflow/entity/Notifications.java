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
 * What an execution was notified of and has not yet acted on. The facts themselves are rows, and
 * the query for all that is {@link Unseen} finds them; a message only says that the query, or one
 * node, is worth a look. So a message may be lost, doubled or late.
 *
 * <p>At most one query is under way. An activation that comes meanwhile may be about a row that the
 * query has missed, so it is remembered, and one more query follows.
 */
final class Notifications {
  private final Set<NodePath> nodes = new LinkedHashSet<>();
  private Optional<String> abortCause = Optional.empty();
  private boolean foundAbort;
  private boolean queryWanted;
  private boolean queryUnderWay;

  /** Notes that there may be something unseen. */
  void activated() {
    queryWanted = true;
  }

  /** Notes that all that is unseen is about to be read together with the execution. */
  void loading() {
    queryWanted = false;
  }

  /** Whether the caller has to begin a query now; it says so when the query has ended. */
  boolean beginsQuery() {
    var begins = queryWanted && !queryUnderWay;
    if (begins) {
      queryWanted = false;
      queryUnderWay = true;
    }
    return begins;
  }

  /** Notes that a query has been answered, or has failed. */
  void queryEnded() {
    queryUnderWay = false;
  }

  /** Whether a query is wanted or under way: then there may be something to do soon. */
  boolean awaitsQuery() {
    return queryWanted || queryUnderWay;
  }

  /** Notes what a query has found. */
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

  /** Notes that what a node waits for may have happened. */
  void notified(NodePath node) {
    nodes.add(node);
  }

  /**
   * The commands that follow in this state; what they are about is forgotten. A node is kept until
   * it sleeps, and can be woken, or has ended: it may be about to report that it sleeps, from
   * before the fact. An abort is kept until the execution has started.
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
