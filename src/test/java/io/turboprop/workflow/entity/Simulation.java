package io.turboprop.workflow.entity;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.node.TestingSpeculation;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.Invariants;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.Work.NodeWork;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.decide.WorkflowMachine;
import io.turboprop.workflow.plan.RandomPlans;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * A whole execution in one thread: the real machine, a virtual clock, and workers, a network and a
 * timer that fail by chance. ReportHandling come late, twice or out of order, in some histories
 * never; ticks come early and late; the engine crashes and replays its journal. One seed is one
 * history. The {@link Invariants} are checked after every step.
 */
public final class Simulation {
  private static final int STEPS_MAX = 50_000;
  private static final Duration SILENCE = Duration.ofMillis(20);
  private static final int RESTART_MILLIS_MAX = 3_000;

  /** What happens at a moment. */
  private record Happening(Instant at, long number, What what) {}

  private sealed interface What {
    /** A report arrives. */
    record Report(NodeReport report) implements What {}

    /** A worker looks at the world. */
    record Look(long worker, NodePath node) implements What {}

    /** Something that a node waits for happens in the world. */
    record Fact(NodePath node, int attempt) implements What {}
  }

  /** A child of the entity; one that was released has another number than the current one. */
  private record Worker(long number, NodeWork work) {
    Attempt attempt() {
      return new Attempt(work.node(), work.attempt());
    }
  }

  private record Attempt(NodePath node, int attempt) {}

  private final Random random;
  private final RandomPlans plans;
  private final ExecutionSettings settings;
  private final boolean lossy;
  private final TestingWorld world;
  private final Invariants invariants;
  private final BiConsumer<List<WorkflowEvent>, WorkflowState> observer;
  private final List<WorkflowEvent> journal = new ArrayList<>();
  private final PriorityQueue<Happening> network =
      new PriorityQueue<>(Comparator.comparing(Happening::at).thenComparing(Happening::number));
  private final Map<NodePath, Worker> workers = new HashMap<>();
  private final Map<Long, Instant> lastSaid = new HashMap<>();
  private final Map<Attempt, Progress> said = new HashMap<>();
  private final Set<NodePath> told = new LinkedHashSet<>();
  private WorkflowState state;
  private Instant now = Instant.EPOCH.plusSeconds(1);
  private Optional<Instant> timer = Optional.empty();
  private long counter;

  private Simulation(
      Random random, RandomPlans plans, BiConsumer<List<WorkflowEvent>, WorkflowState> observer) {
    this.random = random;
    this.plans = plans;
    this.observer = observer;
    this.lossy = random.nextInt(4) == 0;
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
            random.nextInt(4) == 0);
    this.state = new NotStarted(plans);
    this.world = new TestingWorld(random, settings);
    this.invariants = new Invariants(settings);
  }

  static Simulation of(Random random, RandomPlans plans) {
    return new Simulation(random, plans, (_, _) -> {});
  }

  /**
   * @param observer sees every step and the state after it
   */
  public static Simulation of(
      Random random, RandomPlans plans, BiConsumer<List<WorkflowEvent>, WorkflowState> observer) {
    return new Simulation(random, plans, observer);
  }

  public List<WorkflowEvent> journal() {
    return journal;
  }

  WorkflowState state() {
    return state;
  }

  /** What has happened to tasks that may be run twice. */
  Set<TestingSpeculation.Met> met() {
    return world.met();
  }

  WorkflowState replayed() {
    WorkflowState replayed = new NotStarted(plans);
    for (var event : journal) {
      replayed = WorkflowMachine.evolve(replayed, event);
    }
    return replayed;
  }

  public Simulation toTheEnd() {
    apply(new WorkflowCommand.Start(plans.root().digest(), Values.NONE, settings));
    var steps = 0;
    while (!(state instanceof Done)) {
      assertThat(steps++).as("steps until the end").isLessThan(STEPS_MAX);
      step();
    }
    invariants.atTheEnd(journal);
    world.atTheEnd();
    return this;
  }

  private void step() {
    switch (random.nextInt(400)) {
      case 0, 1 -> crash();
      case 2, 3 -> apply(new WorkflowCommand.Abort("enough"));
      default -> next();
    }
  }

  /** What is due first: something that happens, or the timer. */
  private void next() {
    var first = Optional.ofNullable(network.peek());
    if (timer.isPresent()
        && first.map(happening -> timer.orElseThrow().isBefore(happening.at())).orElse(true)) {
      pass(timer.orElseThrow());
      timer = Optional.empty();
      apply(new WorkflowCommand.Tick());
    } else if (first.isPresent()) {
      network.poll();
      pass(first.orElseThrow().at());
      happen(first.orElseThrow().what());
    } else {
      silence();
    }
  }

  private void pass(Instant moment) {
    now = moment.isAfter(now) ? moment : now;
  }

  private void happen(What what) {
    switch (what) {
      case What.Report(var report) -> batch(report);
      case What.Look(var number, var node) -> {
        var worker = workers.get(node);
        if (worker != null && worker.number() == number) {
          work(worker);
        }
      }
      case What.Fact(var node, var attempt) -> {
        if (world.happens(node, attempt)) {
          tell(node);
        }
      }
    }
  }

  /**
   * The fact is stored before, so a message that is lost is made up for when the entity is loaded
   * again.
   */
  private void tell(NodePath node) {
    if (random.nextInt(10) == 0) {
      crash();
    } else {
      told.add(node);
      wakeTheTold();
    }
  }

  /** As the entity does it. */
  private void wakeTheTold() {
    told.removeIf(node -> WorkflowMachine.isOver(state, node));
    var asleep = told.stream().filter(node -> WorkflowMachine.sleeps(state, node)).toList();
    if (!asleep.isEmpty()) {
      asleep.forEach(told::remove);
      apply(new WorkflowCommand.LookAgain(asleep));
    }
  }

  /** All that was to come from workers is lost; the journal and the world are all there is. */
  private void crash() {
    network.removeIf(happening -> !(happening.what() instanceof What.Fact));
    workers.clear();
    said.clear();
    told.clear();
    world.crashed();
    var replayed = replayed();
    assertThat(replayed).isEqualTo(state);
    state = replayed;
    now = now.plusMillis(1 + random.nextInt(RESTART_MILLIS_MAX));
    for (var work : WorkflowMachine.outstanding(state)) {
      if (work instanceof NodeWork node) {
        become(node.node(), Optional.of(node));
      }
    }
    arm();
    told.addAll(WorkflowMachine.sleepers(state));
    wakeTheTold();
  }

  /** Nothing will happen by itself any more. */
  private void silence() {
    now = now.plus(SILENCE);
    if (!workers.isEmpty()) {
      assertThat(lossy).as("workers that say nothing: " + workers).isTrue();
      workers.values().forEach(worker -> send(new What.Look(worker.number(), key(worker)), now));
      return;
    }
    var waiting = WorkflowMachine.sleepers(state);
    assertThat(waiting).as("somebody must be at work in " + state).isNotEmpty();
    if (random.nextInt(3) == 0) {
      apply(new WorkflowCommand.Abort("waited long enough"));
    } else {
      waiting.stream().filter(world::send).forEach(this::tell);
    }
  }

  private static NodePath key(Worker worker) {
    return worker.work().node();
  }

  /** What arrives while the step before is being stored is decided together. */
  private void batch(WorkflowCommand first) {
    var commands = new ArrayList<WorkflowCommand>(List.of(first));
    while (random.nextInt(3) == 0
        && network.peek() instanceof Happening(var at, _, What.Report(var report))) {
      network.remove();
      pass(at);
      commands.add(report);
    }
    if (random.nextInt(10) == 0) {
      commands.add(new WorkflowCommand.Tick());
    }
    apply(commands);
  }

  private void apply(WorkflowCommand command) {
    apply(List.of(command));
  }

  private void apply(List<WorkflowCommand> commands) {
    var step = new ArrayList<WorkflowEvent>();
    for (var command : commands) {
      switch (WorkflowMachine.decide(state, command, now)) {
        case Decision.Reject _ ->
            assertThat(state).isInstanceOfAny(WorkflowState.Succeeding.class, Done.class);
        case Decision.Ignore _ -> {}
        case Decision.Accept(var events, _) -> step.addAll(happened(cut(command, events)));
      }
    }
    if (!step.isEmpty()) {
      reconcile(step);
      observer.accept(step, state);
      invariants.outstanding(state, workers.values().stream().map(Worker::work).toList());
    }
    arm();
    wakeTheTold();
  }

  /** A step may be too long to hold all that follows; the rest comes with the next one. */
  private List<WorkflowEvent> cut(WorkflowCommand command, List<WorkflowEvent> events) {
    return events.size() < 2
            || command instanceof WorkflowCommand.LookAgain
            || random.nextInt(10) > 0
        ? events
        : events.subList(0, 1 + random.nextInt(events.size() - 1));
  }

  private List<WorkflowEvent> happened(List<WorkflowEvent> events) {
    for (var event : events) {
      invariants.before(state, event);
      state = WorkflowMachine.evolve(state, event);
      invariants.after(state, event);
    }
    journal.addAll(events);
    return events;
  }

  /** As the entity does it. */
  private void reconcile(List<WorkflowEvent> step) {
    if (step.stream().anyMatch(WorkflowMachine::stopsEverything)) {
      var wanted = new HashMap<NodePath, NodeWork>();
      for (var work : WorkflowMachine.outstanding(state)) {
        if (work instanceof NodeWork node) {
          wanted.put(node.node(), node);
        }
      }
      for (var node : List.copyOf(workers.keySet())) {
        if (!wanted.containsKey(node)) {
          become(node, Optional.empty());
        }
      }
      wanted.forEach((node, work) -> become(node, Optional.of(work)));
    } else {
      WorkflowMachine.touched(state, step)
          .forEach(touched -> become(touched.node(), touched.work()));
    }
  }

  private void become(NodePath node, Optional<NodeWork> wanted) {
    var current = Optional.ofNullable(workers.get(node));
    if (wanted.equals(current.map(Worker::work))) {
      return;
    }
    workers.remove(node);
    current
        .filter(
            worker -> wanted.filter(work -> work.attempt() == worker.work().attempt()).isEmpty())
        .ifPresent(this::release);
    if (wanted.isPresent()) {
      var worker = new Worker(counter++, wanted.orElseThrow());
      workers.put(node, worker);
      work(worker);
    }
  }

  private void release(Worker worker) {
    if (!WorkflowMachine.attemptContinues(state, worker.work())) {
      world.finished(worker.work().node(), worker.work().attempt(), known(worker));
    }
  }

  private void work(Worker worker) {
    switch (worker.work()) {
      case Work.RunNode run -> run(worker, run);
      case Work.AbortNode(var node, var attempt, _) -> {
        world.aborted(node, attempt, known(worker));
        say(worker, new NodeReport.Aborted(node, attempt), 20);
      }
    }
  }

  private void run(Worker worker, Work.RunNode run) {
    var tree = ((WorkflowState.Running) state).tree();
    var answer = world.look(tree, run, known(worker), now);
    answer.progress().ifPresent(progress -> say(worker, progress, 10));
    answer.facts().forEach(fact -> send(new What.Fact(run.node(), run.attempt()), now.plus(fact)));
    answer
        .lookAgain()
        .ifPresent(delay -> send(new What.Look(worker.number(), run.node()), now.plus(delay)));
    news(worker, answer.report()).ifPresent(report -> say(worker, report, 100));
  }

  /** As a node actor does it: what is known already is not said. */
  private Optional<NodeReport> news(Worker worker, NodeReport report) {
    if (report instanceof NodeReport.Running(var node, var attempt, var progress, var until)) {
      var known = known(worker);
      var news = progress.since(known);
      said.put(worker.attempt(), news);
      return Optional.of(new NodeReport.Running(node, attempt, news, until))
          .filter(_ -> !news.equals(known) || until.isPresent())
          .map(NodeReport.class::cast);
    }
    return Optional.of(report);
  }

  /** What a worker knows of its attempt: since the last crash more than what is recorded. */
  private Progress known(Worker worker) {
    return said.getOrDefault(worker.attempt(), recorded(worker.work()));
  }

  private Progress recorded(NodeWork work) {
    return state instanceof WorkflowState.Running running
            && running.tree().find(work.node()).orElse(null) instanceof NodeState.Active active
            && active.attempt() == work.attempt()
        ? active.progress()
        : Progress.NONE;
  }

  /** What one worker says arrives in order; what it has said last may arrive twice. */
  private void say(Worker worker, NodeReport report, int delayMillisMax) {
    if (lossy && random.nextInt(20) == 0) {
      return;
    }
    var last = lastSaid.getOrDefault(worker.number(), now);
    var at = max(last, now.plusMillis(random.nextInt(delayMillisMax)));
    lastSaid.put(worker.number(), at);
    send(new What.Report(report), at);
    if (random.nextInt(10) == 0 && !sleeps(report)) {
      send(new What.Report(report), at.plusMillis(random.nextInt(300)));
    }
  }

  /** No network brings this twice: it is told by an actor to its parent, who has to believe it. */
  private static boolean sleeps(NodeReport report) {
    return report instanceof NodeReport.Running running && running.sleepsUntil().isPresent();
  }

  private void send(What what, Instant at) {
    network.add(new Happening(at, counter++, what));
  }

  private static Instant max(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  /** After every decision, whatever came of it: a tick that came too early is repeated. */
  private void arm() {
    timer =
        WorkflowMachine.wakeUp(state)
            .map(at ->
                switch (random.nextInt(5)) {
                  case 0 -> at.minusNanos(500_000);
                  case 1 -> at.plusMillis(random.nextInt(50));
                  default -> at;
                });
  }
}
