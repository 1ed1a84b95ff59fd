package io.turboprop.workflow.decide;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.rule.Alarm;
import io.turboprop.workflow.decide.rule.Timeouts;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Paused;
import io.turboprop.workflow.state.NodeTree;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.Expiry;
import io.turboprop.workflow.state.WorkflowState.Running;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Finds the nodes whose alarms are due. */
final class Alarms {
  private Alarms() {}

  /**
   * One event for each node with a due alarm; the earliest alarm of a node counts. Nodes inside an
   * expired node have no alarms any more. Alarms beyond the bound of a step stay due.
   */
  static List<WorkflowEvent> due(Running state, Indexes indexes, Instant now) {
    var events = new ArrayList<WorkflowEvent>();
    var seen = new HashSet<NodePath>();
    var expired = new HashSet<NodePath>();
    for (var alarm : indexes.alarms()) {
      if (alarm.at().isAfter(now) || events.size() == WorkflowMachine.EVENTS_PER_TURN_MAX) {
        break;
      }
      if (!isInside(alarm.node(), expired) && seen.add(alarm.node())) {
        var event = eventOf(state.tree(), alarm, now);
        events.add(event);
        if (event instanceof WorkflowEvent.NodeExpired) {
          expired.add(alarm.node());
        }
      }
    }
    return events;
  }

  private static boolean isInside(NodePath node, Set<NodePath> containers) {
    return !containers.isEmpty()
        && node.parent()
            .filter(parent -> containers.contains(parent) || isInside(parent, containers))
            .isPresent();
  }

  /** The events that wake those of the nodes that sleep. */
  static List<WorkflowEvent> awoken(Running state, List<NodePath> nodes, Instant now) {
    var events = new ArrayList<WorkflowEvent>();
    for (var path : nodes) {
      if (state.tree().find(path).orElse(null) instanceof Active active
          && active.sleepsUntil().isPresent()) {
        events.add(new WorkflowEvent.NodeAwoken(path, active.attempt(), now));
      }
    }
    return events;
  }

  private static WorkflowEvent eventOf(NodeTree tree, Alarm alarm, Instant now) {
    var path = alarm.node();
    var plan = tree.plan(path);
    return switch (alarm.kind()) {
      case TIMEOUT ->
          new WorkflowEvent.NodeExpired(
              path, attempt(tree, alarm), Expiry.EXECUTION, Timeouts.error(plan), now);
      case AWAKE -> new WorkflowEvent.NodeAwoken(path, attempt(tree, alarm), now);
      case RETRY -> new WorkflowEvent.NodeRequeued(path, attempt(tree, alarm), now);
    };
  }

  private static int attempt(NodeTree tree, Alarm alarm) {
    return switch (tree.node(alarm.node())) {
      case Active active -> active.attempt();
      case Paused paused -> paused.attempt();
      case NodeState.Pending _, NodeState.Requeued _, NodeState.Expiring _, NodeState.Ended _ ->
          throw new IllegalStateException("the node of this alarm waits for none: " + alarm);
    };
  }
}
