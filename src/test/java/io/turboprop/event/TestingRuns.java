package io.turboprop.event;

import com.google.protobuf.ByteString;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Literals.Primitive;
import flyteidl.core.Literals.Scalar;
import io.turboprop.data.Literals;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.WorkflowEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The steps of executions that go well. */
final class TestingRuns {
  private TestingRuns() {}

  /** A chain from start to end: one step for the start, and one for each node that ends. */
  static List<List<WorkflowEvent>> chain(int length, Instant begin) {
    var steps = new ArrayList<List<WorkflowEvent>>();
    var at = begin;
    steps.add(
        List.of(
            new WorkflowEvent.Started("digest", value(0), ExecutionSettings.DEFAULT, at),
            new WorkflowEvent.NodeQueued(NodePath.root("n0"), at)));
    for (int i = 0; i < length; i++) {
      var queuedAt = at;
      at = at.plus(Duration.ofMillis(5));
      var step = new ArrayList<WorkflowEvent>();
      step.add(succeeded("n" + i, value(i), Optional.of(queuedAt), at));
      if (i + 1 < length) {
        step.add(new WorkflowEvent.NodeQueued(NodePath.root("n" + (i + 1)), at));
      } else {
        step.add(succeeded("end-node", value(i), Optional.empty(), at));
        step.add(new WorkflowEvent.Succeeding(at));
        step.add(new WorkflowEvent.Succeeded(value(i), at));
      }
      steps.add(step);
    }
    return steps;
  }

  static Values value(int i) {
    var literal =
        Literal.newBuilder()
            .setScalar(Scalar.newBuilder().setPrimitive(Primitive.newBuilder().setInteger(i)))
            .build();
    return new Values.Inline(Literals.of(Map.of("o0", literal)));
  }

  private static WorkflowEvent succeeded(
      String node, Values outputs, Optional<Instant> startedAt, Instant at) {
    var conclusion =
        new AttemptSummary(
            startedAt, ByteString.EMPTY, AttemptSummary.Cache.DISABLED, Optional.empty());
    return new WorkflowEvent.NodeSucceeded(NodePath.root(node), 0, outputs, conclusion, at);
  }
}
