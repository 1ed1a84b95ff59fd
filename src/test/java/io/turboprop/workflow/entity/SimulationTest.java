package io.turboprop.workflow.entity;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.node.TestingSpeculation;
import io.turboprop.workflow.decide.WorkflowMachine;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.RandomPlans;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SimulationTest {
  /**
   * The number of histories: as many as take about fifteen seconds of one core. {@code
   * -Dsimulation.runs=100000} is for a night, and for changes of the machine or the entity.
   */
  private static final long RUNS = Long.getLong("simulation.runs", 12_000);

  private static final int DEPTH = 4;

  @Test
  void everyHistoryEndsOnceAndReplaysTheSame() {
    var met = EnumSet.noneOf(TestingSpeculation.Met.class);
    LongStream.range(0, RUNS)
        .parallel()
        .mapToObj(seed -> run(seed, 12))
        .forEach(ofOne -> {
          synchronized (met) {
            met.addAll(ofOne);
          }
        });
    assertThat(met).as("what happens to stragglers").contains(TestingSpeculation.Met.values());
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000_003, 1_000_019, 1_000_081})
  void largeGraphsToo(long seed) {
    run(seed, 40);
  }

  /** A kind that no plan has would be played by none of them. */
  @Test
  void plansHaveEveryKindOfNode() {
    var kinds = new HashSet<Class<?>>();
    for (long seed = 0; seed < 100; seed++) {
      var graph = RandomPlans.of(new Random(seed), 12, DEPTH).root().root();
      IntStream.range(0, graph.size()).forEach(i -> kinds.add(graph.node(i).kind().getClass()));
    }
    assertThat(kinds).contains(NodeKind.class.getPermittedSubclasses());
  }

  /** What has happened to stragglers in it. */
  private static Set<TestingSpeculation.Met> run(long seed, int sizeMax) {
    var random = new Random(seed);
    try {
      var run = Simulation.of(random, RandomPlans.of(random, sizeMax, DEPTH)).toTheEnd();
      assertThat(run.replayed()).isEqualTo(run.state());
      assertThat(WorkflowMachine.outstanding(run.state())).isEmpty();
      return run.met();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }
}
