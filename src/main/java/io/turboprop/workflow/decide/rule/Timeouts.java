package io.turboprop.workflow.decide.rule;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.GraphState;
import io.turboprop.workflow.state.GraphState.Stop;
import io.turboprop.workflow.state.NodeState;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides when a node has run out of time, to the millisecond. A timeout bounds the running time of
 * one attempt from its start. Unlike in Flyte, neither the waiting before the start nor earlier
 * attempts count.
 */
public final class Timeouts {
  private Timeouts() {}

  /** The alarms of a node in this state, in no order. */
  public static List<Alarm> alarms(NodePath path, PlanNode plan, NodeState state) {
    return switch (state) {
      case NodeState.Active active when isStopped(active) -> List.of();
      case NodeState.Active active -> alarms(path, plan, active);
      case NodeState.Paused paused -> List.of(new Alarm(paused.until(), path, Alarm.Kind.RETRY));
      case NodeState.Pending _, NodeState.Requeued _, NodeState.Expiring _, NodeState.Ended _ ->
          List.of();
    };
  }

  /**
   * Whether the graph inside a node is stopped and the node only waits for its end; a failure node
   * inside has no further limit.
   */
  private static boolean isStopped(NodeState.Active active) {
    return active.inner().filter(Timeouts::isStopped).isPresent();
  }

  private static boolean isStopped(GraphState inner) {
    return switch (inner.stop().orElse(null)) {
      case null -> false;
      case Stop.Failed _ -> inner.graph().failureNode().isEmpty();
      case Stop.Aborted _, Stop.Expired _ -> true;
    };
  }

  private static List<Alarm> alarms(NodePath path, PlanNode plan, NodeState.Active active) {
    var policy = plan.policy();
    if (policy.timeout().isEmpty() && active.sleepsUntil().isEmpty()) {
      return List.of();
    }
    var alarms = new ArrayList<Alarm>(2);
    active
        .startedAt()
        .flatMap(start -> policy.timeout().map(start::plus))
        .ifPresent(at -> alarms.add(new Alarm(at, path, Alarm.Kind.TIMEOUT)));
    active
        .sleepsUntil()
        .filter(at -> !at.equals(NodeState.Active.UNTIL_TOLD))
        .ifPresent(at -> alarms.add(new Alarm(at, path, Alarm.Kind.AWAKE)));
    return alarms;
  }

  /**
   * The error of an attempt that has reached its timeout; the retry budget of user errors decides
   * about another attempt.
   */
  public static ExecutionError error(PlanNode plan) {
    return ExecutionError.user(
        "TimeoutExpired",
        "task execution timeout [" + text(plan.policy().timeout().orElseThrow()) + "] expired");
  }

  /**
   * A duration in the format of FlytePropeller's messages: {@code 1h0m5s}, {@code 1m0.5s}, {@code
   * 5s}.
   */
  private static String text(Duration duration) {
    var text = new StringBuilder();
    if (duration.toHours() > 0) {
      text.append(duration.toHours()).append('h');
    }
    if (duration.toMinutes() > 0) {
      text.append(duration.toMinutesPart()).append('m');
    }
    var seconds =
        BigDecimal.valueOf(duration.toSecondsPart())
            .add(BigDecimal.valueOf(duration.toNanosPart(), 9));
    return text.append(seconds.stripTrailingZeros().toPlainString()).append('s').toString();
  }
}
