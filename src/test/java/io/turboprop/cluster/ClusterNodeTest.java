package io.turboprop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.setup.Setup;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Actor systems of one JVM as nodes of a cluster, without executions. */
@Tag("integration")
class ClusterNodeTest {
  /** The failure detector finds a silent node only later. */
  private static final Duration SOONER_THAN_HEARTBEATS = Duration.ofMillis(3500);

  /** In place of the journal, which no entity of this test uses. */
  private static final class NoJournal extends Setup {}

  private static ClusterNode start() {
    var settings =
        new ClusterSettings(
            EnumSet.allOf(Role.class),
            ClusterSettings.Discovery.SEEDS,
            List.of(),
            "127.0.0.1",
            0,
            "",
            1,
            new ClusterSettings.Management(false, "127.0.0.1", 0));
    return ClusterNode.start(
        new NoJournal(),
        settings,
        ConfigFactory.parseString(
                """
                turboprop.cluster { host = "127.0.0.1", port = 0 }
                turboprop.cluster.management { host = "127.0.0.1", port = 0 }
                """)
            .withFallback(ConfigFactory.parseResources("pekko.conf"))
            .withFallback(ConfigFactory.defaultReferenceUnresolved())
            .withFallback(ConfigFactory.systemProperties())
            .resolve());
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void aMemberThatIsTakenOutIsRemovedBeforeItsHeartbeatsAreMissed() throws Exception {
    try (var one = start();
        var other = start()) {
      one.form();
      get(one.up());
      other.join(List.of(one.address()));
      get(other.up());
      assertThat(one.hasEnded(other.address())).isFalse();
      one.takeOut(other.address());
      TestProbe.create(one.system())
          .awaitAssert(
              SOONER_THAN_HEARTBEATS,
              () -> assertThat(one.memberAddresses()).containsExactly(one.address()));
      assertThat(get(other.stopped())).contains("removed it from the cluster");
      assertThat(one.hasEnded(other.address())).isTrue();
    }
  }
}
