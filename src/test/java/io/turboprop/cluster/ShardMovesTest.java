package io.turboprop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.cluster.ShardMoves.Host;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.pekko.util.Version;
import org.junit.jupiter.api.Test;

class ShardMovesTest {
  private static final Version OLD = new Version("1.0");
  private static final Version NEW = new Version("1.1");

  /** The shards of each node. */
  private final Map<String, List<String>> shards = new TreeMap<>();

  private final Map<String, Version> versions = new HashMap<>();
  private final Set<String> leaving = new HashSet<>();

  private void node(String name, int count, Version version) {
    var first = shards.values().stream().mapToInt(List::size).sum();
    shards.put(
        name,
        new ArrayList<>(IntStream.range(first, first + count).mapToObj(String::valueOf).toList()));
    versions.put(name, version);
  }

  private List<Host<String>> hosts() {
    return shards.keySet().stream()
        .map(name ->
            new Host<>(
                name, !leaving.contains(name), versions.get(name), List.copyOf(shards.get(name))))
        .toList();
  }

  /** Lets shards move until none begins to, each round to its end. */
  private void moveAll() {
    for (var next = ShardMoves.next(hosts(), Set.of());
        !next.isEmpty();
        next = ShardMoves.next(hosts(), Set.of())) {
      assertThat(next).hasSizeLessThanOrEqualTo(ShardMoves.AT_ONCE_MAX);
      for (var shard : next) {
        shards.values().forEach(list -> list.remove(shard));
        shards.get(ShardMoves.best(hosts()).orElseThrow()).add(shard);
      }
    }
  }

  private List<Integer> counts() {
    return shards.values().stream().map(List::size).toList();
  }

  @Test
  void aNodeThatJoinsGetsItsShare() {
    node("a", 32, OLD);
    node("b", 32, OLD);
    node("c", 0, OLD);
    moveAll();
    assertThat(counts()).allMatch(count -> count == 21 || count == 22);
  }

  @Test
  void manyNodesWithFewShardsHaveEquallyManyButForOne() {
    IntStream.range(0, 9).forEach(n -> node("n" + n, 7, OLD));
    node("n9", 1, OLD);
    moveAll();
    assertThat(counts()).allMatch(count -> count == 6 || count == 7);
  }

  @Test
  void nothingMovesIfNodesHaveEquallyManyButForOne() {
    node("a", 22, OLD);
    node("b", 21, OLD);
    node("c", 21, OLD);
    assertThat(ShardMoves.next(hosts(), Set.of())).isEmpty();
  }

  @Test
  void aNodeThatLeavesLosesAllAndGetsNone() {
    node("a", 20, OLD);
    node("b", 22, OLD);
    node("c", 22, OLD);
    leaving.add("a");
    moveAll();
    assertThat(counts()).containsExactly(0, 32, 32);
  }

  @Test
  void shardsStayIfAllNodesLeave() {
    node("a", 20, OLD);
    node("b", 22, OLD);
    leaving.addAll(Set.of("a", "b"));
    assertThat(ShardMoves.next(hosts(), Set.of())).isEmpty();
  }

  @Test
  void shardsThatMoveAlreadyAreCountedWhereTheyWillArrive() {
    node("a", 6, OLD);
    node("b", 0, OLD);
    assertThat(ShardMoves.next(hosts(), Set.of("0", "1")))
        .as("a third makes three of six")
        .hasSize(1)
        .doesNotContain("0", "1");
    assertThat(ShardMoves.next(hosts(), Set.of("0", "1", "2"))).isEmpty();
  }

  /** Each would move again when the next node is upgraded. */
  @Test
  void duringAnUpgradeOnlyShardsOfNodesThatLeaveMoveAndOnlyToTheNewVersion() {
    node("a", 0, NEW);
    node("b", 32, OLD);
    node("c", 32, OLD);
    assertThat(ShardMoves.next(hosts(), Set.of())).isEmpty();
    leaving.add("b");
    moveAll();
    assertThat(counts()).containsExactly(32, 0, 32);
  }
}
