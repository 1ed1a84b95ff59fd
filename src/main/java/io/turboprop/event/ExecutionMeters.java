package io.turboprop.event;

import static io.turboprop.metric.Meters.flyte;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.turboprop.metric.Meters;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.state.WorkflowEvent;

/** Meters of executions: how many begin and end, and how long they take. */
final class ExecutionMeters {
  private final Counter accepted;
  private final Counter aborted;
  private final Counter passivated;
  private final Counter parked;
  private final DistributionSummary acceptanceLatency;
  private final DistributionSummary success;
  private final DistributionSummary failure;

  ExecutionMeters(Meters meters) {
    this.accepted = meters.counter(flyte("workflow.accepted"), "executions that have begun");
    this.aborted = meters.counter(flyte("workflow.workflow_aborted"), "executions aborted");
    this.passivated =
        meters.counter("turboprop.executions.passivated", "times an idle execution was passivated");
    this.parked =
        meters.counter(
            "turboprop.executions.parkings",
            "times an execution was parked because this engine could not continue it");
    this.acceptanceLatency =
        meters.summary(
            flyte("workflow.acceptance_latency_ms"), "from the request to the first step");
    this.success =
        meters.summary(
            flyte("workflow.success_duration_ms"), "from the request to the end of a success");
    this.failure =
        meters.summary(
            flyte("workflow.failure_duration_ms"), "from the request to the end of a failure");
  }

  void accepted(AcceptedExecution execution, WorkflowEvent.Started event) {
    accepted.increment();
    record(acceptanceLatency, execution, event);
  }

  void succeeded(AcceptedExecution execution, WorkflowEvent.Succeeded event) {
    record(success, execution, event);
  }

  void failed(AcceptedExecution execution, WorkflowEvent.Failed event) {
    record(failure, execution, event);
  }

  private static void record(
      DistributionSummary summary, AcceptedExecution execution, WorkflowEvent event) {
    summary.record(MeteredPublisher.millis(execution.acceptedAt(), event.at()));
  }

  void aborted() {
    aborted.increment();
  }

  void passivated() {
    passivated.increment();
  }

  void parked() {
    parked.increment();
  }
}
