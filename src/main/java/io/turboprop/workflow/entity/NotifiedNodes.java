package io.turboprop.workflow.entity;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowMachine;
import io.turboprop.workflow.state.WorkflowState;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Nodes that have been told that what they wait for may have happened. One is kept until it sleeps,
 * and can be woken, or is over: it may be about to fall asleep without having seen.
 */
final class NotifiedNodes {
  private final Set<NodePath> told = new LinkedHashSet<>();

  void add(NodePath node) {
    told.add(node);
  }

  void addAll(Collection<NodePath> nodes) {
    told.addAll(nodes);
  }

  /** What wakes those that sleep in this state; these are forgotten. */
  Optional<WorkflowCommand> waking(WorkflowState state) {
    told.removeIf(node -> WorkflowMachine.isOver(state, node));
    var asleep = told.stream().filter(node -> WorkflowMachine.sleeps(state, node)).toList();
    asleep.forEach(told::remove);
    return asleep.isEmpty() ? Optional.empty() : Optional.of(new WorkflowCommand.LookAgain(asleep));
  }
}
