package io.turboprop.event;

import static io.turboprop.metric.Meters.flyte;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.turboprop.data.ExecutionError;
import io.turboprop.metric.Meters;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.WorkflowEvent;
import java.time.Instant;

/** Meters of nodes and attempts: how they end, and how long they have run. */
final class NodeEndMeters {
  private final Counter succeeded;
  private final Counter recovered;
  private final Counter failed;
  private final Counter timedOut;
  private final Counter skipped;
  private final Counter aborted;
  private final Counter retries;
  private final DistributionSummary success;
  private final DistributionSummary failure;

  private final Errors errors;
  private final Errors lastErrors;

  /** The running times of failed attempts, by the kind of error. */
  private record Errors(
      DistributionSummary user, DistributionSummary system, DistributionSummary unknown) {
    DistributionSummary of(ExecutionError error) {
      return switch (error.kind()) {
        case USER -> user;
        case SYSTEM -> system;
        case UNKNOWN -> unknown;
      };
    }
  }

  NodeEndMeters(Meters meters) {
    this.succeeded = ended(meters, "succeeded");
    this.recovered = ended(meters, "recovered");
    this.failed = ended(meters, "failed");
    this.timedOut = ended(meters, "timed_out");
    this.skipped = ended(meters, "skipped");
    this.aborted = ended(meters, "aborted");
    this.retries =
        meters.counter("turboprop.node.retries", "attempts that are followed by another");
    this.success = run(meters, "success", "a node's last attempt that succeeded");
    this.failure = run(meters, "failure", "a node's last attempt that failed");
    this.errors = errors(meters, "", "an attempt that failed by an error of this kind");
    this.lastErrors =
        errors(meters, "perma_", "a node's last attempt that failed by an error of this kind");
  }

  private static Errors errors(Meters meters, String prefix, String what) {
    return new Errors(
        run(meters, prefix + "user_error", what),
        run(meters, prefix + "system_error", what),
        run(meters, prefix + "unknown_error", what));
  }

  private static Counter ended(Meters meters, String phase) {
    return meters.counter(
        "turboprop.nodes.ended", "nodes that have ended, by phase", "phase", phase);
  }

  private static DistributionSummary run(Meters meters, String name, String what) {
    return meters.summary(flyte("node." + name + "_duration_ms"), "running time of " + what);
  }

  void count(WorkflowEvent.NodeEvent event) {
    switch (event) {
      case WorkflowEvent.NodeSucceeded node -> {
        succeeded.increment();
        record(success, node.conclusion(), node.at());
      }
      case WorkflowEvent.NodeRecovered _ -> recovered.increment();
      case WorkflowEvent.NodeFailed node -> {
        failed.increment();
        record(failure, node.conclusion(), node.at());
        record(errors.of(node.error()), node.conclusion(), node.at());
        record(lastErrors.of(node.error()), node.conclusion(), node.at());
      }
      case WorkflowEvent.NodeRetrying node -> {
        retries.increment();
        record(errors.of(node.error()), node.conclusion(), node.at());
      }
      case WorkflowEvent.NodeTimedOut _ -> timedOut.increment();
      case WorkflowEvent.NodeSkipped _ -> skipped.increment();
      case WorkflowEvent.NodeAborted _ -> aborted.increment();
      case WorkflowEvent.NodeQueued _,
          WorkflowEvent.GraphOpened _,
          WorkflowEvent.GraphEnded _,
          WorkflowEvent.GraphFailing _,
          WorkflowEvent.NodeRunning _,
          WorkflowEvent.NodeAwoken _,
          WorkflowEvent.NodeExpired _,
          WorkflowEvent.NodeRequeued _ -> {}
    }
  }

  /** Records the running time of an attempt; 0 for an attempt that never ran. */
  private static void record(DistributionSummary summary, AttemptSummary conclusion, Instant end) {
    conclusion.startedAt().ifPresent(start -> summary.record(MeteredPublisher.millis(start, end)));
  }
}
