package io.turboprop.node;

import static io.turboprop.metric.Meters.flyte;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.metric.Meters;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

class NodeMetersTest {
  private static final Progress WAITING = new Progress(2, 0, ByteString.EMPTY, ByteString.EMPTY);
  private static final Progress STARTED = new Progress(5, 0, ByteString.EMPTY, ByteString.EMPTY);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void aNodeThatWaitsForASlotIsCountedOnceWhenItRuns() {
    var handler = measured(0, running(WAITING), running(STARTED), succeeded());

    handler.handle(Progress.NONE);
    assertThat(count("node.transition_latency_ms")).isEqualTo(1);
    assertThat(count("node.queueing_latency_ms")).isZero();

    handler.handle(WAITING);
    handler.handle(STARTED);
    assertThat(count("node.transition_latency_ms")).isEqualTo(1);
    assertThat(count("node.queueing_latency_ms")).isEqualTo(1);
    assertThat(registry.get(flyte("node.queueing_latency_ms")).summary().totalAmount())
        .isEqualTo(20);
    assertThat(count("node.node_exec_latency_us")).isEqualTo(3);
  }

  @Test
  void aRetryHasNotWaitedForOthersAndIsNotCounted() {
    measured(1, succeeded()).handle(Progress.NONE);

    assertThat(count("node.transition_latency_ms")).isZero();
    assertThat(count("node.queueing_latency_ms")).isZero();
    assertThat(count("node.node_exec_latency_us")).isEqualTo(1);
  }

  private NodeHandler measured(int attempt, NodeTransition... answers) {
    var assignment = TestingAssignments.of(new Work.RunNode(NodePath.root("a"), attempt));
    var clock = Clock.fixed(assignment.queuedAt().plusMillis(20), ZoneOffset.UTC);
    return new NodeMeters(new Meters(registry), clock)
        .measured(assignment, new Answers(new ArrayDeque<>(List.of(answers))));
  }

  private long count(String name) {
    return registry.get(flyte(name)).summary().count();
  }

  private static NodeTransition running(Progress progress) {
    return new NodeTransition.Running(progress, new LookAgain.After(Duration.ofSeconds(1)));
  }

  private static NodeTransition succeeded() {
    return new NodeTransition.Succeeded(Values.NONE, AttemptSummary.NONE);
  }

  private record Answers(ArrayDeque<NodeTransition> answers) implements NodeHandler {
    @Override
    public CompletionStage<NodeTransition> handle(Progress progress) {
      return CompletableFuture.completedFuture(answers.remove());
    }

    @Override
    public CompletionStage<Void> abort(Progress progress, String cause) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> finish(Progress progress) {
      return CompletableFuture.completedFuture(null);
    }
  }
}
