package io.turboprop.event;

import static io.turboprop.metric.Meters.flyte;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.turboprop.data.ExecutionError.Kind;
import io.turboprop.metric.Meters;
import io.turboprop.workflow.Conclusion;
import io.turboprop.workflow.WorkflowEvent;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** How nodes and their attempts end, and how long they have run. */
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

  /** Attempts, by what made them fail. */
  private final Map<Kind, DistributionSummary> errors = new EnumMap<>(Kind.class);

  /** Of these the last ones. */
  private final Map<Kind, DistributionSummary> lastErrors = new EnumMap<>(Kind.class);

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
    for (var kind : Kind.values()) {
      var name = kind.name().toLowerCase(Locale.ROOT) + "_error";
      errors.put(kind, run(meters, name, "an attempt that failed by an error of this kind"));
      lastErrors.put(
          kind, run(meters, "perma_" + name, "the same of a node that is tried no more"));
    }
  }

  private static Counter ended(Meters meters, String phase) {
    return meters.counter(
        "turboprop.nodes.ended", "nodes that have ended, by phase", "phase", phase);
  }

  private static DistributionSummary run(Meters meters, String name, String what) {
    return meters.summary(flyte("node." + name + "_duration_ms"), "how long it ran: " + what);
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
        record(errors.get(node.error().kind()), node.conclusion(), node.at());
        record(lastErrors.get(node.error().kind()), node.conclusion(), node.at());
      }
      case WorkflowEvent.NodeRetrying node -> {
        retries.increment();
        record(errors.get(node.error().kind()), node.conclusion(), node.at());
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

  /** One that never ran took no time. */
  private static void record(DistributionSummary summary, Conclusion conclusion, Instant end) {
    conclusion.startedAt().ifPresent(start -> summary.record(MeteredPublisher.millis(start, end)));
  }
}
