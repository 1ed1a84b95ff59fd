package io.turboprop.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.metric.Meters;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.Publisher;
import io.turboprop.workflow.entity.TestingPublisher;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowStep;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class MeteredPublisherTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void countsWhatPassesUnderFlytesNames() {
    var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    var behind = new TestingPublisher();
    var publisher =
        new MeteredPublisher(
            behind, new Meters(metrics), Clock.fixed(NOW.plusMillis(3), ZoneOffset.UTC));
    var step =
        new WorkflowStep(
            List.of(
                new WorkflowEvent.Started("d", Values.NONE, ExecutionSettings.DEFAULT, NOW),
                new WorkflowEvent.NodeSucceeded(
                    NodePath.root("a"), 0, Values.NONE, ranFor(Duration.ofMillis(40)), NOW),
                new WorkflowEvent.NodeFailed(
                    NodePath.root("b"),
                    0,
                    ExecutionError.user("Code", "text"),
                    ranFor(Duration.ofMillis(7)),
                    NOW),
                new WorkflowEvent.Succeeded(Values.NONE, NOW)));

    publisher.publish(execution(0), TestingPlans.chain("a"), 1, step);

    assertThat(behind.events()).hasSize(4);
    assertThat(metrics.scrape())
        .contains("flyte_propeller_all_workflow_accepted_total 1.0")
        .contains("flyte_propeller_all_workflow_success_duration_ms_sum 250.0")
        .contains("turboprop_nodes_ended_total{phase=\"succeeded\"} 1.0")
        .contains("flyte_propeller_all_node_success_duration_ms_sum 40.0")
        .contains("flyte_propeller_all_node_perma_user_error_duration_ms_sum 7.0")
        .contains("flyte_propeller_all_node_system_error_duration_ms_count 0")
        .contains("turboprop_journal_latency_ms_sum 3.0")
        .contains("turboprop_publisher_lag_ms_count 1")
        .contains("turboprop_journal_events_total 4.0")
        .contains("turboprop_publisher_waiting_steps 0.0");
  }

  @Test
  void stepsThatAreReadFromTheJournalWaitLikeOthers() {
    var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    var told = new CompletableFuture<Void>();
    var publisher = new MeteredPublisher(new Telling(told), new Meters(metrics), Clock.systemUTC());

    publisher.catchUp(execution(4), TestingPlans.chain("a"), 10);
    assertThat(metrics.scrape()).contains("turboprop_publisher_waiting_steps 6.0");

    told.complete(null);
    assertThat(metrics.scrape()).contains("turboprop_publisher_waiting_steps 0.0");
  }

  /** Has told everything at the same moment. */
  private record Telling(CompletableFuture<Void> told) implements Publisher {
    @Override
    public CompletionStage<Void> publish(
        AcceptedExecution execution, Plan plan, long sequenceNumber, WorkflowStep step) {
      return told;
    }

    @Override
    public CompletionStage<Void> catchUp(
        AcceptedExecution execution, Plan plan, long sequenceNumber) {
      return told;
    }

    @Override
    public CompletionStage<Void> passivated(
        AcceptedExecution execution, Plan plan, long sequenceNumber, Optional<Instant> wakeUp) {
      return told;
    }

    @Override
    public CompletionStage<Void> park(ExecutionId execution, Parking parking) {
      return told;
    }
  }

  private static AttemptSummary ranFor(Duration time) {
    return new AttemptSummary(
        Optional.of(NOW.minus(time)),
        AttemptSummary.NONE.details(),
        AttemptSummary.Cache.DISABLED,
        Optional.empty());
  }

  private static AcceptedExecution execution(long publishedThrough) {
    return new AcceptedExecution(
        new ExecutionId("p", "d", "e"),
        1,
        "d",
        Values.NONE,
        ExecutionSettings.DEFAULT,
        ByteString.EMPTY,
        NOW.minusMillis(250),
        publishedThrough,
        List.of());
  }
}
