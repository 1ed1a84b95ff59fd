package io.turboprop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.pekko.cluster.sharding.ShardRegion.ShardRegionStats;
import org.junit.jupiter.api.Test;
import scala.collection.immutable.Map.Map1;
import scala.collection.immutable.Set.Set1;
import scala.collection.immutable.Set.Set2;

class ShardedWorkflowsTest {
  /** A node that leaves would take itself for empty, or give up, while its last shards stop. */
  @Test
  void aShardThatStopsAndDoesNotAnswerIsStillThere() {
    var stats = new ShardRegionStats(new Map1<>("1", (Object) 5), new Set2<>("2", "3"));
    assertThat(ShardedWorkflows.shards(stats)).isEqualTo(3);
    assertThat(
            ShardedWorkflows.shards(
                new ShardRegionStats(
                    scala.collection.immutable.Map$.MODULE$.empty(), new Set1<>("1"))))
        .isEqualTo(1);
  }
}
