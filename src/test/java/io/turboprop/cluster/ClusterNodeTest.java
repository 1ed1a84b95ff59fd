package io.turboprop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Actor systems of one JVM as nodes of a cluster, without executions. */
@Tag("integration")
class ClusterNodeTest {
  /** The failure detector does not find a silent node. */
  private static final Map<String, Object> WITHOUT_HEARTBEATS =
      Map.of("pekko.cluster.failure-detector.acceptable-heartbeat-pause", "1h");

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void aMemberThatIsTakenOutIsRemovedBeforeItsHeartbeatsAreMissed() throws Exception {
    try (var one = TestingNodes.start(0, List.of(), WITHOUT_HEARTBEATS);
        var other = TestingNodes.start(0, List.of(), WITHOUT_HEARTBEATS)) {
      one.form();
      get(one.up());
      other.join(List.of(one.address()));
      get(other.up());
      assertThat(one.hasEnded(other.address())).isFalse();
      one.down(other.address());
      TestProbe.create(one.system())
          .awaitAssert(
              Duration.ofMinutes(1),
              () -> assertThat(one.memberAddresses()).containsExactly(one.address()));
      assertThat(get(other.stopped())).contains("removed it from the cluster");
      assertThat(one.hasEnded(other.address())).isTrue();
    }
  }
}
