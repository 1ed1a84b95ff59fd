package io.turboprop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Actor systems of one JVM as nodes of a cluster, without executions. */
@Tag("integration")
class ClusterNodeTest {
  /** The failure detector finds a silent node only later. */
  private static final Duration SOONER_THAN_HEARTBEATS = Duration.ofMillis(3500);

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void aMemberThatIsTakenOutIsRemovedBeforeItsHeartbeatsAreMissed() throws Exception {
    try (var one = TestingNodes.start(0, List.of());
        var other = TestingNodes.start(0, List.of())) {
      one.form();
      get(one.up());
      other.join(List.of(one.address()));
      get(other.up());
      assertThat(one.hasEnded(other.address())).isFalse();
      one.down(other.address());
      TestProbe.create(one.system())
          .awaitAssert(
              SOONER_THAN_HEARTBEATS,
              () -> assertThat(one.memberAddresses()).containsExactly(one.address()));
      assertThat(get(other.stopped())).contains("removed it from the cluster");
      assertThat(one.hasEnded(other.address())).isTrue();
    }
  }
}
