package io.turboprop.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.Work.NodeWork;
import io.turboprop.workflow.WorkflowCommand.NodeReport;
import io.turboprop.workflow.WorkflowState.Done;
import io.turboprop.workflow.WorkflowState.NotStarted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * A whole execution in one thread: the real machine, a virtual clock, and workers and a network
 * that fail by chance: reports come late, twice, out of order or never, the engine crashes and
 * replays its journal. One seed is one history. The invariants are checked after every step.
 */
final class Simulation {
  private static final int STEPS_MAX = 20_000;
  private static final Duration RESTART = Duration.ofMillis(20);

  private record Delivery(Instant at, long number, WorkflowCommand command) {}

  private final Random random;
  private final Plan plan;
  private final Plans plans;
  private final ExecutionSettings settings;
  private final Invariants invariants;
  private final List<WorkflowEvent> journal = new ArrayList<>();
  private final PriorityQueue<Delivery> network =
      new PriorityQueue<>(
          java.util.Comparator.comparing(Delivery::at).thenComparing(Delivery::number));
  private final Map<NodePath, NodeWork> workers = new HashMap<>();
  private WorkflowState state;
  private Instant now = Instant.EPOCH.plusSeconds(1);
  private long deliveries;

  private Simulation(Random random, Plan plan) {
    this.random = random;
    this.plan = plan;
    this.plans = _ -> plan;
    this.settings =
        new ExecutionSettings(
            random.nextInt(4),
            random.nextBoolean(),
            random.nextInt(3),
            1 + random.nextInt(2),
            Duration.ofMillis(10),
            Duration.ofMillis(100),
            1024,
            1 + random.nextInt(4),
            false);
    this.state = new NotStarted(plans);
    this.invariants = new Invariants(plan, settings);
  }

  static Simulation of(Random random, Plan plan) {
    return new Simulation(random, plan);
  }

  List<WorkflowEvent> journal() {
    return journal;
  }

  WorkflowState state() {
    return state;
  }

  WorkflowState replayed() {
    WorkflowState replayed = new NotStarted(plans);
    for (var event : journal) {
      replayed = WorkflowMachine.evolve(replayed, event);
    }
    return replayed;
  }

  Simulation toTheEnd() {
    apply(new WorkflowCommand.Start(plan.digest(), Values.NONE, settings));
    var steps = 0;
    while (!(state instanceof Done)) {
      assertThat(steps++).as("steps until the end").isLessThan(STEPS_MAX);
      step();
    }
    invariants.atTheEnd(journal);
    return this;
  }

  private void step() {
    var chance = random.nextInt(400);
    if (chance == 0) {
      crash();
    } else if (chance == 1) {
      apply(new WorkflowCommand.Abort("enough"));
    } else {
      next();
    }
  }

  /** The next message or alarm, whichever is due first. */
  private void next() {
    var wakeUp = WorkflowMachine.wakeUp(state);
    var message = Optional.ofNullable(network.peek());
    if (wakeUp.isPresent()
        && message.map(m -> wakeUp.orElseThrow().isBefore(m.at())).orElse(true)) {
      pass(wakeUp.orElseThrow());
      apply(new WorkflowCommand.Tick());
    } else if (message.isPresent()) {
      network.poll();
      pass(message.orElseThrow().at());
      apply(message.orElseThrow().command());
    } else {
      restartSilentWorkers();
    }
  }

  private void pass(Instant moment) {
    now = moment.isAfter(now) ? moment : now;
  }

  /** All that was to come is lost; the journal is all there is. */
  private void crash() {
    network.clear();
    workers.clear();
    var replayed = replayed();
    assertThat(replayed).isEqualTo(state);
    state = replayed;
    now = now.plus(RESTART);
    WorkflowMachine.outstanding(state).forEach(this::begin);
  }

  /** Workers whose report was lost: the engine looks after a while, and they say it again. */
  private void restartSilentWorkers() {
    now = now.plus(RESTART);
    assertThat(workers).as("somebody must be at work in " + state).isNotEmpty();
    List.copyOf(workers.values()).forEach(this::work);
  }

  private void apply(WorkflowCommand command) {
    switch (WorkflowMachine.decide(state, command, now)) {
      case Decision.Reject _ -> assertThat(state).isInstanceOf(Done.class);
      case Decision.Ignore _ -> {}
      case Decision.Accept(var events, _) -> {
        for (var event : events) {
          invariants.before(state, event);
          state = WorkflowMachine.evolve(state, event);
          journal.add(event);
        }
        invariants.after(state);
        events.forEach(this::reconcile);
        invariants.outstanding(state, workers);
      }
    }
  }

  /** As the entity does it: only what an event touches, but for the ends of graphs. */
  private void reconcile(WorkflowEvent event) {
    switch (event) {
      case WorkflowEvent.GraphFailing _,
          WorkflowEvent.NodeExpired _,
          WorkflowEvent.Failing _,
          WorkflowEvent.Failed _,
          WorkflowEvent.Aborting _,
          WorkflowEvent.Aborted _ -> {
        var wanted = WorkflowMachine.outstanding(state);
        workers.values().removeIf(work -> !wanted.contains(work));
        wanted.forEach(this::begin);
      }
      case WorkflowEvent.NodeEvent node -> {
        var wanted = WorkflowMachine.outstanding(state, node.node());
        if (wanted.isEmpty()) {
          workers.remove(node.node());
        }
        wanted.ifPresent(this::begin);
      }
      case WorkflowEvent.Started _, WorkflowEvent.Succeeding _, WorkflowEvent.Succeeded _ -> {}
    }
  }

  private void begin(Work work) {
    if (work instanceof NodeWork node && !node.equals(workers.put(node.node(), node))) {
      work(node);
    }
  }

  private void work(NodeWork work) {
    switch (work) {
      case Work.RunNode run -> run(run);
      case Work.AbortNode abort -> send(new NodeReport.Aborted(abort.node(), abort.attempt()), 20);
    }
  }

  private void run(Work.RunNode run) {
    var kind = ((WorkflowState.Running) state).tree().plan(run.node()).kind();
    if (kind instanceof NodeKind.SubWorkflow) {
      send(new NodeReport.Resolved(run.node(), run.attempt(), Values.NONE), 20);
      return;
    }
    if (random.nextInt(3) == 0) {
      send(running(run), 10);
    }
    send(outcome(run), 150);
  }

  private NodeReport running(Work.RunNode run) {
    var phase = 1 + random.nextInt(5);
    var sleepsUntil =
        random.nextInt(10) == 0
            ? Optional.of(now.plusMillis(random.nextInt(100)))
            : Optional.<Instant>empty();
    return new NodeReport.Running(
        run.node(),
        run.attempt(),
        new Progress(phase, 0, ByteString.EMPTY, ByteString.EMPTY),
        sleepsUntil);
  }

  private NodeReport outcome(Work.RunNode run) {
    return switch (random.nextInt(12)) {
      case 0 -> failed(run, ExecutionError.Kind.USER, true);
      case 1 -> failed(run, ExecutionError.Kind.SYSTEM, true);
      case 2 ->
          random.nextBoolean() ? failed(run, ExecutionError.Kind.USER, false) : succeeded(run);
      default -> succeeded(run);
    };
  }

  private static NodeReport succeeded(Work.RunNode run) {
    return new NodeReport.Succeeded(
        run.node(), run.attempt(), TestingPlans.output(), Conclusion.NONE);
  }

  private static NodeReport failed(
      Work.RunNode run, ExecutionError.Kind kind, boolean recoverable) {
    return new NodeReport.Failed(
        run.node(),
        run.attempt(),
        new ExecutionError("Code", "message", kind),
        recoverable,
        Conclusion.NONE);
  }

  /** Over the network: mostly once, sometimes twice or never. */
  private void send(WorkflowCommand command, int delayMillisMax) {
    var copies = random.nextInt(20) == 0 ? 0 : random.nextInt(10) == 0 ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      network.add(
          new Delivery(
              now.plusMillis(random.nextInt(delayMillisMax) + (i > 0 ? random.nextInt(300) : 0)),
              deliveries++,
              command));
    }
  }

  /** What must hold in every history. */
  private static final class Invariants {
    private final Plan plan;
    private final ExecutionSettings settings;
    private final Map<NodePath, int[]> failures = new HashMap<>();
    private final HashSet<NodePath> ended = new HashSet<>();

    Invariants(Plan plan, ExecutionSettings settings) {
      this.plan = plan;
      this.settings = settings;
    }

    void before(WorkflowState state, WorkflowEvent event) {
      assertThat(state).as("nothing happens after the end").isNotInstanceOf(Done.class);
      switch (event) {
        case WorkflowEvent.NodeQueued queued -> allUpstreamsHaveEnded(state, queued.node());
        case WorkflowEvent.GraphOpened opened -> allUpstreamsHaveEnded(state, opened.node());
        case WorkflowEvent.NodeRetrying retrying -> withinBudget(state, retrying);
        case WorkflowEvent.NodeSucceeded succeeded -> endsOnce(succeeded.node());
        case WorkflowEvent.NodeRecovered recovered -> endsOnce(recovered.node());
        case WorkflowEvent.NodeFailed failed -> endsOnce(failed.node());
        case WorkflowEvent.NodeTimedOut timedOut -> endsOnce(timedOut.node());
        case WorkflowEvent.NodeSkipped skipped -> endsOnce(skipped.node());
        case WorkflowEvent.NodeAborted aborted -> endsOnce(aborted.node());
        case WorkflowEvent.Started _,
            WorkflowEvent.Succeeding _,
            WorkflowEvent.Succeeded _,
            WorkflowEvent.Failing _,
            WorkflowEvent.Failed _,
            WorkflowEvent.Aborting _,
            WorkflowEvent.Aborted _,
            WorkflowEvent.GraphEnded _,
            WorkflowEvent.GraphFailing _,
            WorkflowEvent.NodeRunning _,
            WorkflowEvent.NodeAwoken _,
            WorkflowEvent.NodeExpired _,
            WorkflowEvent.NodeRequeued _ -> {}
      }
    }

    private static void allUpstreamsHaveEnded(WorkflowState state, NodePath path) {
      var graph = ((WorkflowState.Running) state).tree().graphOf(path).orElseThrow();
      var number = graph.graph().number(path.nodeId());
      for (int upstream = 0; upstream < graph.graph().size(); upstream++) {
        for (int i = 0; i < graph.graph().downstreamCount(upstream); i++) {
          if (graph.graph().downstream(upstream, i) == number
              && !(graph.node(upstream) instanceof NodeState.Ended)) {
            throw new AssertionError(path + " runs before " + upstream + " has ended");
          }
        }
      }
    }

    private void withinBudget(WorkflowState state, WorkflowEvent.NodeRetrying event) {
      var counts = failures.computeIfAbsent(event.node(), _ -> new int[2]);
      var system = event.error().kind() == ExecutionError.Kind.SYSTEM;
      var count = ++counts[system ? 1 : 0];
      var policy = ((WorkflowState.Running) state).tree().plan(event.node()).policy();
      var budget =
          system
              ? settings.systemRetriesMax()
              : Math.max(policy.attemptsMax(), settings.attemptsMaxDefault()) - 1;
      assertThat(count).as("retries of " + event.node()).isLessThanOrEqualTo(budget);
    }

    private void endsOnce(NodePath path) {
      assertThat(ended.add(path)).as(path + " ends once").isTrue();
    }

    void after(WorkflowState state) {
      if (settings.parallelismMax() > 0 && state instanceof WorkflowState.Running(_, var tree)) {
        assertThat(tree.running()).isLessThanOrEqualTo(settings.parallelismMax());
      }
    }

    /** What the entity keeps step by step is what the whole state wants. */
    void outstanding(WorkflowState state, Map<NodePath, NodeWork> workers) {
      var wanted = new HashSet<NodeWork>();
      for (var work : WorkflowMachine.outstanding(state)) {
        if (work instanceof NodeWork node) {
          wanted.add(node);
        }
      }
      if (!wanted.equals(new HashSet<>(workers.values()))) {
        assertThat(workers.values()).containsExactlyInAnyOrderElementsOf(wanted);
      }
    }

    void atTheEnd(List<WorkflowEvent> journal) {
      assertThat(journal.stream().filter(Invariants::isEnd).count())
          .as("ends of " + plan.workflow())
          .isEqualTo(1);
    }

    private static boolean isEnd(WorkflowEvent event) {
      return event instanceof WorkflowEvent.Succeeded
          || event instanceof WorkflowEvent.Failed
          || event instanceof WorkflowEvent.Aborted;
    }
  }
}
