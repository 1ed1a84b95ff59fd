package io.turboprop.workflow.state;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.MachineRow;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.WorkflowEvent.Expiry;
import io.turboprop.workflow.state.WorkflowEvent.Permit;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** Short words for the commands and events of {@link MachineRow}s; nodes are named by path. */
public final class Facts {
  public static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  public static final ExecutionError USER = ExecutionError.user("USER:ValueError", "no");
  public static final ExecutionError SYSTEM = ExecutionError.system("Interrupted", "gone");

  /** One node at a time. */
  public static final ExecutionSettings NARROW = settings(1);

  /** As many nodes at a time as there are. */
  public static final ExecutionSettings WIDE = settings(0);

  private Facts() {}

  private static ExecutionSettings settings(int parallelismMax) {
    return settings(parallelismMax, ExecutionSettings.DEFAULT.nodesMax());
  }

  /** {@link #WIDE} with this limit on the nodes of all graphs. */
  public static ExecutionSettings withNodesMax(int nodesMax) {
    return settings(0, nodesMax);
  }

  private static ExecutionSettings settings(int parallelismMax, int nodesMax) {
    return new ExecutionSettings(
        parallelismMax,
        false,
        1,
        1,
        Duration.ofSeconds(1),
        Duration.ofSeconds(8),
        4096,
        10,
        nodesMax,
        false);
  }

  public static NodePath path(String node) {
    return new NodePath(node);
  }

  // --- commands

  public static WorkflowCommand start(ExecutionSettings settings) {
    return new WorkflowCommand.Start("digest", Values.NONE, settings);
  }

  public static WorkflowCommand abort() {
    return new WorkflowCommand.Abort("why");
  }

  public static WorkflowCommand tick() {
    return new WorkflowCommand.Tick();
  }

  public static WorkflowCommand lookAgain(String... nodes) {
    return new WorkflowCommand.LookAgain(Stream.of(nodes).map(Facts::path).toList());
  }

  public static WorkflowCommand runs(String node) {
    return new NodeReport.Running(path(node), 0, progress(5), Optional.empty());
  }

  public static WorkflowCommand sleeps(String node) {
    return new NodeReport.Running(
        path(node), 0, progress(1), Optional.of(NodeState.Active.UNTIL_TOLD));
  }

  public static WorkflowCommand resolves(String node) {
    return resolves(node, 0);
  }

  public static WorkflowCommand resolves(String node, int attempt) {
    return new NodeReport.Resolved(path(node), attempt, Values.NONE);
  }

  public static WorkflowCommand resolves(String node, Values inputs) {
    return new NodeReport.Resolved(path(node), 0, inputs);
  }

  public static WorkflowCommand opens(String node, Subgraph contents) {
    return new NodeReport.Opened(path(node), 0, Values.NONE, contents, AttemptSummary.NONE);
  }

  public static WorkflowCommand succeeds(String node) {
    return succeeds(node, TestingPlans.output());
  }

  public static WorkflowCommand succeeds(String node, Values outputs) {
    return new NodeReport.Succeeded(path(node), 0, outputs, AttemptSummary.NONE);
  }

  public static WorkflowCommand recovers(String node) {
    return new NodeReport.Recovered(path(node), 0, TestingPlans.output(), AttemptSummary.NONE);
  }

  /** Whatever the budget. */
  public static WorkflowCommand fails(String node, ExecutionError error) {
    return new NodeReport.Failed(path(node), 0, error, false, AttemptSummary.NONE);
  }

  public static WorkflowCommand failsPerhaps(String node, ExecutionError error) {
    return new NodeReport.Failed(path(node), 0, error, true, AttemptSummary.NONE);
  }

  public static WorkflowCommand hasStopped(String node) {
    return hasStopped(node, 0);
  }

  public static WorkflowCommand hasStopped(String node, int attempt) {
    return new NodeReport.Aborted(path(node), attempt);
  }

  public static Progress progress(int phase) {
    return new Progress(phase, 0, ByteString.EMPTY, ByteString.EMPTY);
  }

  // --- events

  public static WorkflowEvent started(ExecutionSettings settings) {
    return new WorkflowEvent.Started("digest", Values.NONE, settings, NOW);
  }

  public static WorkflowEvent queued(String node) {
    return new WorkflowEvent.NodeQueued(path(node), NOW);
  }

  public static WorkflowEvent running(String node, int phase) {
    return new WorkflowEvent.NodeRunning(path(node), 0, progress(phase), Optional.empty(), NOW);
  }

  public static WorkflowEvent asleep(String node) {
    return new WorkflowEvent.NodeRunning(
        path(node), 0, progress(1), Optional.of(NodeState.Active.UNTIL_TOLD), NOW);
  }

  public static WorkflowEvent awoken(String node) {
    return new WorkflowEvent.NodeAwoken(path(node), 0, NOW);
  }

  public static WorkflowEvent opened(String node, Subgraph contents) {
    return opened(node, Values.NONE, contents);
  }

  public static WorkflowEvent opened(String node, Values inputs, Subgraph contents) {
    return new WorkflowEvent.GraphOpened(path(node), 0, inputs, contents, AttemptSummary.NONE, NOW);
  }

  public static WorkflowEvent graphEnded(String node) {
    return new WorkflowEvent.GraphEnded(path(node), 0, NOW);
  }

  public static WorkflowEvent graphFailing(String node, ExecutionError error) {
    return new WorkflowEvent.GraphFailing(path(node), 0, error, NOW);
  }

  public static WorkflowEvent expired(String node, Expiry expiry, ExecutionError error) {
    return expired(node, 0, expiry, error);
  }

  public static WorkflowEvent expired(
      String node, int attempt, Expiry expiry, ExecutionError error) {
    return new WorkflowEvent.NodeExpired(path(node), attempt, expiry, error, NOW);
  }

  public static WorkflowEvent retrying(String node, ExecutionError error, Instant notBefore) {
    return retrying(node, error, notBefore, Permit.KEPT);
  }

  public static WorkflowEvent retrying(
      String node, ExecutionError error, Instant notBefore, Permit permit) {
    return new WorkflowEvent.NodeRetrying(
        path(node), 0, error, AttemptSummary.NONE, notBefore, permit, NOW);
  }

  public static WorkflowEvent requeued(String node, int attempt) {
    return new WorkflowEvent.NodeRequeued(path(node), attempt, NOW);
  }

  public static WorkflowEvent succeeded(String node) {
    return succeeded(node, TestingPlans.output());
  }

  public static WorkflowEvent succeeded(String node, Values outputs) {
    return new WorkflowEvent.NodeSucceeded(path(node), 0, outputs, AttemptSummary.NONE, NOW);
  }

  public static WorkflowEvent recovered(String node) {
    return new WorkflowEvent.NodeRecovered(
        path(node), 0, TestingPlans.output(), AttemptSummary.NONE, NOW);
  }

  public static WorkflowEvent failed(String node, ExecutionError error) {
    return failed(node, 0, error);
  }

  public static WorkflowEvent failed(String node, int attempt, ExecutionError error) {
    return new WorkflowEvent.NodeFailed(path(node), attempt, error, AttemptSummary.NONE, NOW);
  }

  public static WorkflowEvent timedOut(String node, ExecutionError error) {
    return new WorkflowEvent.NodeTimedOut(path(node), 0, error, NOW);
  }

  public static WorkflowEvent skipped(String node) {
    return new WorkflowEvent.NodeSkipped(path(node), NOW);
  }

  public static WorkflowEvent aborted(String node, String cause) {
    return aborted(node, 0, cause);
  }

  public static WorkflowEvent aborted(String node, int attempt, String cause) {
    return new WorkflowEvent.NodeAborted(path(node), attempt, cause, NOW);
  }

  public static WorkflowEvent failing(ExecutionError error) {
    return new WorkflowEvent.Failing(error, NOW);
  }

  public static WorkflowEvent failed(ExecutionError error) {
    return new WorkflowEvent.Failed(error, NOW);
  }

  public static WorkflowEvent aborting() {
    return new WorkflowEvent.Aborting("why", NOW);
  }

  public static WorkflowEvent aborted() {
    return new WorkflowEvent.Aborted("why", NOW);
  }

  public static WorkflowEvent succeeding() {
    return new WorkflowEvent.Succeeding(NOW);
  }

  public static WorkflowEvent succeeded(Values outputs) {
    return new WorkflowEvent.Succeeded(outputs, NOW);
  }

  // --- errors

  public static ExecutionError exhausted(ExecutionError error, int current, int max) {
    return ExecutionError.user(
        "RetriesExhausted|" + error.code(),
        "[%d/%d] currentAttempt done. Last Error: %s::%s"
            .formatted(current, max, error.kind(), error.message()));
  }

  public static ExecutionError executionTimeout() {
    return ExecutionError.user("TimeoutExpired", "task execution timeout [1s] expired");
  }

  public static ExecutionError activeTimeout() {
    return ExecutionError.user("Timeout", "task active timeout [5s] expired");
  }
}
