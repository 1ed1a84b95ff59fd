package io.turboprop.workflow;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.WorkflowCommand.NodeReport;
import io.turboprop.workflow.WorkflowEvent.Expiry;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;

/** Short words for the commands and events of {@link MachineRow}s; nodes are named by path. */
final class Facts {
  static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  static final ExecutionError USER = ExecutionError.user("USER:ValueError", "no");
  static final ExecutionError SYSTEM = ExecutionError.system("Interrupted", "gone");

  /** One node at a time. */
  static final ExecutionSettings NARROW = settings(1);

  /** As many nodes at a time as there are. */
  static final ExecutionSettings WIDE = settings(0);

  private Facts() {}

  private static ExecutionSettings settings(int parallelismMax) {
    return new ExecutionSettings(
        parallelismMax, false, 1, 1, Duration.ofSeconds(1), Duration.ofSeconds(8), 4096, 10, false);
  }

  static NodePath path(String node) {
    return new NodePath(node);
  }

  // --- commands

  static WorkflowCommand start(ExecutionSettings settings) {
    return new WorkflowCommand.Start("digest", Values.NONE, settings);
  }

  static WorkflowCommand abort() {
    return new WorkflowCommand.Abort("why");
  }

  static WorkflowCommand tick() {
    return new WorkflowCommand.Tick();
  }

  static WorkflowCommand lookAgain(String... nodes) {
    return new WorkflowCommand.LookAgain(Stream.of(nodes).map(Facts::path).toList());
  }

  static WorkflowCommand runs(String node) {
    return new NodeReport.Running(path(node), 0, progress(5), Optional.empty());
  }

  static WorkflowCommand sleeps(String node) {
    return new NodeReport.Running(
        path(node), 0, progress(1), Optional.of(NodeState.Active.UNTIL_TOLD));
  }

  static WorkflowCommand resolves(String node) {
    return resolves(node, 0);
  }

  static WorkflowCommand resolves(String node, int attempt) {
    return new NodeReport.Resolved(path(node), attempt, Values.NONE);
  }

  static WorkflowCommand resolves(String node, Values inputs) {
    return new NodeReport.Resolved(path(node), 0, inputs);
  }

  static WorkflowCommand opens(String node, Contents contents) {
    return new NodeReport.Opened(path(node), 0, Values.NONE, contents, Conclusion.NONE);
  }

  static WorkflowCommand succeeds(String node) {
    return succeeds(node, TestingPlans.output());
  }

  static WorkflowCommand succeeds(String node, Values outputs) {
    return new NodeReport.Succeeded(path(node), 0, outputs, Conclusion.NONE);
  }

  static WorkflowCommand recovers(String node) {
    return new NodeReport.Recovered(path(node), 0, TestingPlans.output(), Conclusion.NONE);
  }

  /** Whatever the budget. */
  static WorkflowCommand fails(String node, ExecutionError error) {
    return new NodeReport.Failed(path(node), 0, error, false, Conclusion.NONE);
  }

  static WorkflowCommand failsPerhaps(String node, ExecutionError error) {
    return new NodeReport.Failed(path(node), 0, error, true, Conclusion.NONE);
  }

  static WorkflowCommand hasStopped(String node) {
    return hasStopped(node, 0);
  }

  static WorkflowCommand hasStopped(String node, int attempt) {
    return new NodeReport.Aborted(path(node), attempt);
  }

  static Progress progress(int phase) {
    return new Progress(phase, 0, ByteString.EMPTY, ByteString.EMPTY);
  }

  // --- events

  static WorkflowEvent started(ExecutionSettings settings) {
    return new WorkflowEvent.Started("digest", Values.NONE, settings, NOW);
  }

  static WorkflowEvent queued(String node) {
    return new WorkflowEvent.NodeQueued(path(node), NOW);
  }

  static WorkflowEvent running(String node, int phase) {
    return new WorkflowEvent.NodeRunning(path(node), 0, progress(phase), Optional.empty(), NOW);
  }

  static WorkflowEvent asleep(String node) {
    return new WorkflowEvent.NodeRunning(
        path(node), 0, progress(1), Optional.of(NodeState.Active.UNTIL_TOLD), NOW);
  }

  static WorkflowEvent awoken(String node) {
    return new WorkflowEvent.NodeAwoken(path(node), 0, NOW);
  }

  static WorkflowEvent opened(String node, Contents contents) {
    return opened(node, Values.NONE, contents);
  }

  static WorkflowEvent opened(String node, Values inputs, Contents contents) {
    return new WorkflowEvent.GraphOpened(path(node), 0, inputs, contents, Conclusion.NONE, NOW);
  }

  static WorkflowEvent graphEnded(String node) {
    return new WorkflowEvent.GraphEnded(path(node), 0, NOW);
  }

  static WorkflowEvent graphFailing(String node, ExecutionError error) {
    return new WorkflowEvent.GraphFailing(path(node), 0, error, NOW);
  }

  static WorkflowEvent expired(String node, Expiry expiry, ExecutionError error) {
    return expired(node, 0, expiry, error);
  }

  static WorkflowEvent expired(String node, int attempt, Expiry expiry, ExecutionError error) {
    return new WorkflowEvent.NodeExpired(path(node), attempt, expiry, error, NOW);
  }

  static WorkflowEvent retrying(String node, ExecutionError error, Instant notBefore) {
    return new WorkflowEvent.NodeRetrying(path(node), 0, error, Conclusion.NONE, notBefore, NOW);
  }

  static WorkflowEvent requeued(String node, int attempt) {
    return new WorkflowEvent.NodeRequeued(path(node), attempt, NOW);
  }

  static WorkflowEvent succeeded(String node) {
    return succeeded(node, TestingPlans.output());
  }

  static WorkflowEvent succeeded(String node, Values outputs) {
    return new WorkflowEvent.NodeSucceeded(path(node), 0, outputs, Conclusion.NONE, NOW);
  }

  static WorkflowEvent recovered(String node) {
    return new WorkflowEvent.NodeRecovered(
        path(node), 0, TestingPlans.output(), Conclusion.NONE, NOW);
  }

  static WorkflowEvent failed(String node, ExecutionError error) {
    return failed(node, 0, error);
  }

  static WorkflowEvent failed(String node, int attempt, ExecutionError error) {
    return new WorkflowEvent.NodeFailed(path(node), attempt, error, Conclusion.NONE, NOW);
  }

  static WorkflowEvent timedOut(String node, ExecutionError error) {
    return new WorkflowEvent.NodeTimedOut(path(node), 0, error, NOW);
  }

  static WorkflowEvent skipped(String node) {
    return new WorkflowEvent.NodeSkipped(path(node), NOW);
  }

  static WorkflowEvent aborted(String node, String cause) {
    return aborted(node, 0, cause);
  }

  static WorkflowEvent aborted(String node, int attempt, String cause) {
    return new WorkflowEvent.NodeAborted(path(node), attempt, cause, NOW);
  }

  static WorkflowEvent failing(ExecutionError error) {
    return new WorkflowEvent.Failing(error, NOW);
  }

  static WorkflowEvent failed(ExecutionError error) {
    return new WorkflowEvent.Failed(error, NOW);
  }

  static WorkflowEvent aborting() {
    return new WorkflowEvent.Aborting("why", NOW);
  }

  static WorkflowEvent aborted() {
    return new WorkflowEvent.Aborted("why", NOW);
  }

  static WorkflowEvent succeeding() {
    return new WorkflowEvent.Succeeding(NOW);
  }

  static WorkflowEvent succeeded(Values outputs) {
    return new WorkflowEvent.Succeeded(outputs, NOW);
  }

  // --- errors

  static ExecutionError exhausted(ExecutionError error, int current, int max) {
    return ExecutionError.user(
        "RetriesExhausted|" + error.code(),
        "[%d/%d] currentAttempt done. Last Error: %s::%s"
            .formatted(current, max, error.kind(), error.message()));
  }

  static ExecutionError executionTimeout() {
    return ExecutionError.user("TimeoutExpired", "task execution timeout [1s] expired");
  }

  static ExecutionError activeTimeout() {
    return ExecutionError.user("Timeout", "task active timeout [5s] expired");
  }
}
