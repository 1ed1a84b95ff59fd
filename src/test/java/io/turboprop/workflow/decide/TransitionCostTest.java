package io.turboprop.workflow.decide;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.Facts;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import io.turboprop.workflow.state.WorkflowState.Running;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A transition costs the same in a small graph and in a large one. Measured are the machine and
 * what the entity asks of it after each step, not the journal; a line for each size is printed.
 */
final class TransitionCostTest {
  private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int SIZE_MIN = 100;
  private static final int SIZE_MAX = Integer.getInteger("cost.nodes", 100_000);

  /** In a graph a thousand times as large a transition may cost this many times as much. */
  private static final double BYTES_RATIO_MAX = 4;

  /** Generous, as small graphs are measured warm and large ones in a cold cache. */
  private static final double TIME_RATIO_MAX = 20;

  /** Graphs that grow in one way or another. */
  private enum Shape {
    CHAIN(size -> flow(size, i -> i == 0 ? task(i) : after(i - 1, task(i)))),
    FAN_OUT(size -> flow(size, TransitionCostTest::task)),
    ARRAY(size ->
        TestingPlans.flow(
            TestingPlans.node(
                "m", TestingPlans.array(0, OptionalInt.of(size), 1), NodePolicy.DEFAULT))),
    SUB_WORKFLOWS_THAT_FAIL(size ->
        flow(
            size / 3,
            i ->
                limited(
                    TestingPlans.subWorkflow(
                        "n" + i,
                        TestingPlans.flow(TestingPlans.task("bad"), TestingPlans.task("other")))))),
    SUB_WORKFLOWS_ABORTED(size ->
        flow(
            size / 3,
            i ->
                TestingPlans.subWorkflow(
                    "n" + i, TestingPlans.flow(TestingPlans.task("t"), TestingPlans.task("u"))))),
    TASKS_OUT_OF_TIME(size -> flow(size, i -> limited(task(i))));

    private final IntFunction<Graph> graph;

    Shape(IntFunction<Graph> graph) {
      this.graph = graph;
    }
  }

  /** Most of their graphs wait for permits when they are stopped, so that they end all at once. */
  private static final Set<Shape> SHAPES_WITH_SUB_WORKFLOWS =
      EnumSet.of(Shape.SUB_WORKFLOWS_THAT_FAIL, Shape.SUB_WORKFLOWS_ABORTED);

  private record Cost(long transitions, long nanos, long bytes) {
    double nanosEach() {
      return (double) nanos / transitions;
    }

    double bytesEach() {
      return (double) bytes / transitions;
    }
  }

  @ParameterizedTest
  @EnumSource
  void costsTheSameInALargeGraph(Shape shape) {
    for (int i = 0; i < 20; i++) {
      measured(shape, SIZE_MIN * 10);
    }
    var small = measured(shape, SIZE_MIN);
    var large = small;
    for (int size = SIZE_MIN; size <= SIZE_MAX; size *= 10) {
      large = measured(shape, size);
      System.out.printf(
          "%-24s %,8d nodes %,9d transitions %7.2f µs %,8.0f bytes each%n",
          shape, size, large.transitions(), large.nanosEach() / 1_000, large.bytesEach());
    }
    assertThat(large.bytesEach()).isLessThan(small.bytesEach() * BYTES_RATIO_MAX);
    assertThat(large.nanosEach()).isLessThan(small.nanosEach() * TIME_RATIO_MAX);
  }

  private static Cost measured(Shape shape, int size) {
    var plan = TestingPlans.plan(shape.graph.apply(size));
    var run = new Run(plan, shape, size);
    var bytes = THREAD.getCurrentThreadAllocatedBytes();
    var nanos = THREAD.getCurrentThreadCpuTime();
    run.toTheEnd();
    return new Cost(
        run.transitions,
        THREAD.getCurrentThreadCpuTime() - nanos,
        THREAD.getCurrentThreadAllocatedBytes() - bytes);
  }

  /** An execution whose workers report at once. */
  private static final class Run {
    private final Plan plan;
    private final Shape shape;
    private final int size;
    private final Queue<Work.NodeWork> work = new ArrayDeque<>();
    private IndexedState state;
    private Instant now = Facts.NOW;
    private long transitions;

    Run(Plan plan, Shape shape, int size) {
      this.plan = plan;
      this.shape = shape;
      this.size = size;
      this.state = IndexedState.of(new NotStarted(_ -> plan));
    }

    void toTheEnd() {
      var settings =
          new ExecutionSettings(
              SHAPES_WITH_SUB_WORKFLOWS.contains(shape) ? 25 : 0,
              false,
              1,
              1,
              Duration.ofSeconds(1),
              Duration.ofSeconds(1),
              4096,
              1_000,
              1_000_000,
              false);
      apply(new WorkflowCommand.Start(plan.digest(), Values.NONE, settings));
      if (shape == Shape.SUB_WORKFLOWS_ABORTED) {
        apply(new WorkflowCommand.Abort("enough"));
      }
      while (!(state.state() instanceof Done)) {
        if (WorkflowMachine.wakeUp(state).filter(at -> !at.isAfter(now)).isPresent()) {
          apply(new WorkflowCommand.Tick());
        } else if (shape == Shape.TASKS_OUT_OF_TIME && now.equals(Facts.NOW)) {
          List.copyOf(work).forEach(this::run);
          now = Facts.NOW.plusSeconds(60);
          work.clear();
        } else {
          report(work.remove());
        }
      }
    }

    private void run(Work.NodeWork next) {
      apply(
          new NodeReport.Running(next.node(), next.attempt(), Facts.progress(5), Optional.empty()));
    }

    private void report(Work.NodeWork next) {
      var path = next.node();
      var attempt = next.attempt();
      apply(
          switch (next) {
            case Work.AbortNode _ -> new NodeReport.Aborted(path, attempt);
            case Work.RunNode _ when opens(path) ->
                new NodeReport.Opened(
                    path,
                    attempt,
                    Values.NONE,
                    new Subgraph.ArrayElements(size),
                    AttemptSummary.NONE);
            case Work.RunNode _ when path.nodeId().equals("bad") ->
                new NodeReport.Failed(
                    path, attempt, ExecutionError.user("Code", "no"), false, AttemptSummary.NONE);
            case Work.RunNode _ ->
                new NodeReport.Succeeded(path, attempt, TestingPlans.output(), AttemptSummary.NONE);
          });
    }

    private boolean opens(NodePath path) {
      var tree = ((Running) state.state()).tree();
      return tree.plan(path).kind() instanceof NodeKind.Array
          && tree.node(path) instanceof NodeState.Active active
          && !active.finishing();
    }

    private void apply(WorkflowCommand command) {
      if (WorkflowMachine.decide(state, command, now)
          instanceof Decision.Accept(var events, var after)) {
        state = after;
        transitions += events.size();
        if (events.stream().noneMatch(WorkflowMachine::stopsEverything)) {
          for (var touched : WorkflowMachine.touched(state.state(), events)) {
            touched.work().ifPresent(work::add);
          }
        }
      }
    }
  }

  private static Graph flow(int size, IntFunction<PlanNode> node) {
    return TestingPlans.flow(
        FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE,
        Optional.empty(),
        IntStream.range(0, size).mapToObj(node).toArray(PlanNode[]::new));
  }

  private static PlanNode task(int number) {
    return TestingPlans.task("n" + number);
  }

  private static PlanNode after(int number, PlanNode node) {
    return TestingPlans.reading(node, List.of("n" + number));
  }

  private static PlanNode limited(PlanNode node) {
    return TestingPlans.node(
        node.id(),
        node.kind(),
        new NodePolicy(0, Optional.of(Duration.ofMinutes(1)), Optional.empty()));
  }
}
