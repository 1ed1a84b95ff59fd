package io.turboprop.flyteadmin;

import com.google.protobuf.Message;
import flyteidl.event.Event.NodeExecutionEvent;
import flyteidl.event.Event.WorkflowExecutionEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.turboprop.flyteadmin.EventService.Answer;
import io.turboprop.metric.Meters;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** Counts the events that are sent to FlyteAdmin, by kind and answer. */
final class EventMeters {
  private final Map<Key, Counter> events = new HashMap<>();
  private final Counter trimmed;
  private final Counter aborts;
  private final DistributionSummary latency;
  private final AtomicLong waiting = new AtomicLong();
  private final AtomicLong lagMillis = new AtomicLong();

  private enum Kind {
    WORKFLOW,
    NODE,
    TASK
  }

  private enum Result {
    RECORDED,
    ALREADY_RECORDED,
    ALREADY_ENDED,
    OTHER_CLUSTER,
    UNKNOWN,
    TOO_LARGE,
    INVALID,
    PHASE_CONFLICT,
    UNAVAILABLE
  }

  private record Key(Kind kind, Result result) {}

  EventMeters(Meters meters) {
    for (var kind : Kind.values()) {
      for (var result : Result.values()) {
        events.put(
            new Key(kind, result),
            meters.counter(
                "turboprop.flyteadmin.events",
                "events sent to FlyteAdmin, by kind and answer",
                "kind",
                lower(kind),
                "answer",
                lower(result)));
      }
    }
    this.trimmed =
        meters.counter(
            "turboprop.flyteadmin.trimmed.events",
            "events that FlyteAdmin refused as too large or invalid and that were sent without"
                + " details");
    this.aborts =
        meters.counter(
            "turboprop.flyteadmin.aborts",
            "executions that were aborted because FlyteAdmin has ended them, given them to another"
                + " cluster, or does not know them");
    this.latency =
        meters.summary("turboprop.flyteadmin.latency_ms", "time of a call that sends an event");
    meters.gauge(
        "turboprop.flyteadmin.waiting.executions",
        "executions, of all nodes, with steps that FlyteAdmin was not told",
        waiting::get);
    meters.gauge(
        "turboprop.flyteadmin.lag_ms",
        "time since the last change of the execution that has waited longest for its events to be"
            + " sent",
        lagMillis::get);
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  void answered(Message event, Answer answer, Duration took) {
    latency.record(took.toNanos() / 1e6);
    Objects.requireNonNull(events.get(new Key(kind(event), result(answer)))).increment();
  }

  private static Kind kind(Message event) {
    return switch (event) {
      case WorkflowExecutionEvent _ -> Kind.WORKFLOW;
      case NodeExecutionEvent _ -> Kind.NODE;
      default -> Kind.TASK;
    };
  }

  private static Result result(Answer answer) {
    return switch (answer) {
      case Answer.Recorded _ -> Result.RECORDED;
      case Answer.AlreadyRecorded _ -> Result.ALREADY_RECORDED;
      case Answer.AlreadyEnded _ -> Result.ALREADY_ENDED;
      case Answer.OtherCluster _ -> Result.OTHER_CLUSTER;
      case Answer.Unknown _ -> Result.UNKNOWN;
      case Answer.TooLarge _ -> Result.TOO_LARGE;
      case Answer.Invalid _ -> Result.INVALID;
      case Answer.PhaseConflict _ -> Result.PHASE_CONFLICT;
      case Answer.Unavailable _ -> Result.UNAVAILABLE;
    };
  }

  void trimmed() {
    trimmed.increment();
  }

  void aborted() {
    aborts.increment();
  }

  void waiting(long executions, Duration lag) {
    waiting.set(executions);
    lagMillis.set(Math.max(0, lag.toMillis()));
  }
}
