package io.turboprop.cli;

import io.turboprop.cli.progress.ErrorText;
import io.turboprop.data.NodePath;
import io.turboprop.event.Replay;
import io.turboprop.store.ExecutionRow;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import java.io.PrintWriter;
import java.util.List;

/** A replay as lines of text: step, time, event and node, and the state after the event. */
final class ReplayText {
  private final PrintWriter out;

  ReplayText(PrintWriter out) {
    this.out = out;
  }

  void begin(ExecutionRow row, Plan plan) {
    out.printf(
        "execution %s of %s, accepted %s%n",
        row.accepted().id(), plan.workflow(), row.accepted().acceptedAt());
  }

  void event(long sequenceNumber, WorkflowEvent event, WorkflowState state) {
    out.printf(
        "%6d  %-27s  %-14s  %-24s  %s%n",
        sequenceNumber,
        event.at(),
        event.getClass().getSimpleName(),
        event instanceof WorkflowEvent.NodeEvent node ? node.node() : "",
        after(event, state));
  }

  void verdict(Replay replay, ExecutionRow row, List<String> differences) {
    out.printf(
        "replayed %d steps: the execution is %s%n", replay.sequenceNumber(), phase(replay.state()));
    differences.forEach(difference -> out.println("DIFFERENT: " + difference));
    if (differences.isEmpty()) {
      out.printf(
          "replay and rows agree: %d nodes, published through step %d%n",
          replay.nodeIds().size(), row.accepted().publishedThrough());
    }
    out.flush();
  }

  private static String after(WorkflowEvent event, WorkflowState state) {
    return event instanceof WorkflowEvent.NodeEvent node
            && state instanceof WorkflowState.Running running
        ? "%s; %s".formatted(node(running, node.node()), counts(running))
        : phase(state);
  }

  private static String counts(WorkflowState.Running running) {
    var tree = running.tree();
    return "%d open, %d unfinished".formatted(tree.root().open(), tree.root().unfinished());
  }

  private static String node(WorkflowState.Running running, NodePath path) {
    return running.tree().find(path).map(ReplayText::node).orElse("gone with its graph");
  }

  private static String node(NodeState state) {
    return switch (state) {
      case NodeState.Pending _ -> "has not begun";
      case NodeState.Active active -> "attempt %d %s".formatted(active.attempt(), activity(active));
      case NodeState.Paused paused ->
          "attempt %d from %s on".formatted(paused.attempt(), paused.until());
      case NodeState.Requeued requeued ->
          "attempt %d when there is a permit".formatted(requeued.attempt());
      case NodeState.Expiring expiring -> "attempt %d is stopped".formatted(expiring.attempt());
      case NodeState.Ended ended -> ended.phase().toString();
    };
  }

  private static String activity(NodeState.Active active) {
    if (active.inner().isPresent()) {
      return active.finishing() ? "finishes its graph" : "walks its graph";
    }
    if (active.sleepsUntil().isPresent()) {
      return "sleeps until " + active.sleepsUntil().orElseThrow();
    }
    return active.startedAt().isPresent() ? "runs" : "is queued";
  }

  private static String phase(WorkflowState state) {
    return switch (state) {
      case WorkflowState.NotStarted _ -> "NOT STARTED";
      case WorkflowState.Running running ->
          running.tree().root().stop().isPresent() ? "BEING STOPPED" : "RUNNING";
      case WorkflowState.Succeeding _ -> "SUCCEEDING";
      case WorkflowState.Done done ->
          switch (done.outcome()) {
            case WorkflowState.Outcome.Succeeded _ -> "SUCCEEDED";
            case WorkflowState.Outcome.Failed(var error) ->
                "FAILED: " + ErrorText.brief(error.message());
            case WorkflowState.Outcome.Aborted(var cause) -> "ABORTED: " + cause;
          };
    };
  }
}
