package io.turboprop.workflow.decide;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.decide.rule.Parallelism;
import io.turboprop.workflow.decide.rule.Retries;
import io.turboprop.workflow.decide.rule.Texts;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeState.Active;
import io.turboprop.workflow.state.NodeState.Expiring;
import io.turboprop.workflow.state.NodeState.Paused;
import io.turboprop.workflow.state.NodeState.Requeued;
import io.turboprop.workflow.state.NodeTree;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.Permit;
import io.turboprop.workflow.state.WorkflowState.Running;
import java.time.Instant;
import java.util.List;

/**
 * Derives the events that follow from a report about the current attempt of a node. While the graph
 * inside a node runs, the node has no worker: a report in that time is late.
 */
public final class ReportHandling {
  private ReportHandling() {}

  static List<WorkflowEvent> eventsFor(Running state, NodeReport report, Instant now) {
    return switch (state.tree().node(report.node())) {
      case Active active when active.hasRunningSubgraph() -> List.of();
      case Active active -> whenActive(state, active, report, now);
      case Expiring expiring -> whenExpiring(state, expiring, report, now);
      case Paused _, Requeued _ -> aborted(state, report, now);
      case NodeState.Pending _, NodeState.Ended _ -> List.of();
    };
  }

  private static List<WorkflowEvent> whenActive(
      Running state, Active active, NodeReport report, Instant now) {
    return switch (report) {
      case NodeReport.Running(var node, var attempt, var progress, var sleepsUntil) ->
          progress.equals(active.progress()) && sleepsUntil.equals(active.sleepsUntil())
              ? List.of()
              : List.of(new WorkflowEvent.NodeRunning(node, attempt, progress, sleepsUntil, now));
      case NodeReport.Resolved _, NodeReport.Opened _
          when active.finishing() || state.tree().isStopped(report.node()) ->
          List.of();
      case NodeReport.Resolved(var node, var attempt, var inputs) ->
          List.of(NodeStart.open(state, node, state.tree().plan(node), attempt, inputs, now));
      case NodeReport.Opened opened -> List.of(NodeStart.open(state, opened, now));
      case NodeReport.Recovered(var node, var attempt, var outputs, var conclusion) ->
          List.of(new WorkflowEvent.NodeRecovered(node, attempt, outputs, conclusion, now));
      case NodeReport.Succeeded(var node, var attempt, var outputs, var conclusion) ->
          List.of(new WorkflowEvent.NodeSucceeded(node, attempt, outputs, conclusion, now));
      case NodeReport.Failed failed ->
          List.of(failure(state, failed, active.systemFailures(), now));
      case NodeReport.Aborted _ -> aborted(state, report, now);
    };
  }

  /**
   * The events for an attempt that has run out of time. It may still end by itself before it is
   * stopped; the timeout counts then.
   */
  private static List<WorkflowEvent> whenExpiring(
      Running state, Expiring expiring, NodeReport report, Instant now) {
    return switch (report) {
      case NodeReport.Running _,
          NodeReport.Resolved _,
          NodeReport.Opened _,
          NodeReport.Succeeded _,
          NodeReport.Recovered _,
          NodeReport.Failed _ ->
          List.of();
      case NodeReport.Aborted(var node, var attempt) ->
          state.tree().isStopped(node)
              ? aborted(state, report, now)
              : List.of(
                  expired(
                      state,
                      node,
                      attempt,
                      expiring.systemFailures(),
                      expiring.expiry(),
                      expiring.error(),
                      now));
    };
  }

  /** The event for an attempt that has run out of time and was stopped. */
  static WorkflowEvent expired(
      Running state,
      NodePath node,
      int attempt,
      int systemFailures,
      WorkflowEvent.Expiry expiry,
      ExecutionError error,
      Instant now) {
    return switch (expiry) {
      case ACTIVE -> new WorkflowEvent.NodeTimedOut(node, attempt, error, now);
      case EXECUTION ->
          failure(
              state,
              new NodeReport.Failed(node, attempt, error, true, AttemptSummary.NONE),
              systemFailures,
              now);
    };
  }

  /** The event for a failed attempt: the node fails or is retried. */
  static WorkflowEvent failure(
      Running state, NodeReport.Failed failed, int systemFailures, Instant now) {
    var fact = Texts.error(failed.error(), state.tree().errors());
    if (!failed.recoverable() || state.tree().isStopped(failed.node())) {
      return failed(failed, fact, now);
    }
    var verdict =
        Retries.after(
            fact,
            failed.attempt(),
            systemFailures,
            state.tree().plan(failed.node()).policy(),
            state.header().settings(),
            now);
    return switch (verdict) {
      case Retries.Verdict.GiveUp(var error) -> failed(failed, error, now);
      case Retries.Verdict.TryAgain(var notBefore) ->
          new WorkflowEvent.NodeRetrying(
              failed.node(),
              failed.attempt(),
              fact,
              failed.conclusion(),
              notBefore,
              permit(state.tree(), failed.node()),
              now);
    };
  }

  private static Permit permit(NodeTree tree, NodePath path) {
    var hasSubgraph =
        switch (tree.node(path)) {
          case Active active -> active.inner().isPresent();
          case Expiring expiring -> expiring.hadSubgraph();
          case Paused _, Requeued _, NodeState.Pending _, NodeState.Ended _ -> false;
        };
    var graph = tree.graphOf(path).orElseThrow().graph();
    return Parallelism.releasesPermit(graph, tree.plan(path), hasSubgraph)
        ? Permit.RELEASED
        : Permit.KEPT;
  }

  private static WorkflowEvent failed(NodeReport.Failed failed, ExecutionError error, Instant now) {
    return new WorkflowEvent.NodeFailed(
        failed.node(), failed.attempt(), error, failed.conclusion(), now);
  }

  /**
   * The events for an aborted attempt. Unless it has run out of time, it was aborted because its
   * graph is stopped.
   */
  private static List<WorkflowEvent> aborted(Running state, NodeReport report, Instant now) {
    return state.tree().isStopped(report.node())
        ? List.of(
            new WorkflowEvent.NodeAborted(
                report.node(), report.attempt(), Outstanding.cause(state, report.node()), now))
        : List.of();
  }
}
