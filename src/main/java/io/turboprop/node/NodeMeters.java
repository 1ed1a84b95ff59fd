package io.turboprop.node;

import static io.turboprop.metric.Meters.flyte;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.turboprop.metric.Meters;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.state.Progress;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/** The metrics of nodes: how long they wait, and how long the calls of their handlers take. */
final class NodeMeters {
  private final Clock clock;
  private final DistributionSummary transition;
  private final DistributionSummary queueing;
  private final DistributionSummary calls;
  private final Counter unsupported;

  NodeMeters(Meters meters, Clock clock) {
    this.clock = clock;
    this.transition =
        meters.summary(
            flyte("node.transition_latency_ms"),
            "from the end of the last upstream node to a node's first call, including the journal");
    this.queueing =
        meters.summary(
            flyte("node.queueing_latency_ms"),
            "from the end of the last upstream node until a node's first attempt runs");
    this.calls =
        meters.summary(flyte("node.node_exec_latency_us"), "one call of a handler of a node");
    this.unsupported =
        meters.counter(flyte("unsupported_tasktype"), "tasks of a type that no plugin takes");
  }

  void unsupportedTaskType() {
    unsupported.increment();
  }

  /** A decorator that measures the calls of a handler. */
  NodeHandler measured(Assignment assignment, NodeHandler handler) {
    return assignment.work() instanceof Work.RunNode ? new Measured(assignment, handler) : handler;
  }

  private void waited(DistributionSummary summary, Assignment assignment) {
    var nanos = Duration.between(assignment.queuedAt(), clock.instant()).toNanos();
    summary.record(Math.max(0, nanos) / 1e6);
  }

  private final class Measured implements NodeHandler {
    private final Assignment assignment;
    private final NodeHandler handler;

    /** Whether this worker is the first of the node: no earlier worker has reported progress. */
    private boolean isNew;

    /** Whether the node's first attempt has not started yet. */
    private boolean waits;

    Measured(Assignment assignment, NodeHandler handler) {
      this.assignment = assignment;
      this.handler = handler;
      var isFirstAttempt = assignment.work().attempt() == 0 && assignment.finished().isEmpty();
      this.isNew = isFirstAttempt && assignment.progress().equals(Progress.NONE);
      this.waits = isFirstAttempt && !assignment.progress().hasStarted();
    }

    @Override
    public CompletionStage<NodeTransition> handle(Progress progress) {
      if (isNew) {
        isNew = false;
        waited(transition, assignment);
      }
      var start = System.nanoTime();
      return handler
          .handle(progress)
          .thenApply(answer -> {
            calls.record((System.nanoTime() - start) / 1e3);
            heard(answer);
            return answer;
          });
    }

    private void heard(NodeTransition answer) {
      if (waits && !(answer instanceof NodeTransition.Running running && isWaiting(running))) {
        waits = false;
        waited(queueing, assignment);
      }
    }

    private static boolean isWaiting(NodeTransition.Running running) {
      return !running.progress().hasStarted();
    }

    @Override
    public CompletionStage<Void> abort(Progress progress, String cause) {
      return handler.abort(progress, cause);
    }

    @Override
    public CompletionStage<Void> finish(Progress progress) {
      return handler.finish(progress);
    }
  }
}
