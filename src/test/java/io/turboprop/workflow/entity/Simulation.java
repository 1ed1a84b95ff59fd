package io.turboprop.workflow.entity;

import static io.turboprop.workflow.decide.Invariants.check;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.node.TestingSpeculation;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.IndexedState;
import io.turboprop.workflow.decide.Invariants;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.Work.NodeWork;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.decide.WorkflowMachine;
import io.turboprop.workflow.plan.RandomPlans;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * A whole execution in one thread: the real machine and the entity's own {@link EntityLoop}, with a
 * virtual clock, and workers, a network, timers and tables that fail by chance. Reports come late,
 * twice or out of order, in some histories never; ticks come early and late; messages to the
 * execution are lost, doubled and late; the entity is handed over at any moment; the engine crashes
 * and replays its journal. The row of the execution is kept as the store keeps it. One seed is one
 * history. The {@link Invariants} are checked after every step.
 */
public final class Simulation implements EntityLoop.Effects {
  private static final int STEPS_MAX = 50_000;

  /** To build the indexes anew costs more than all other checks together. */
  private static final int INDEX_CHECKS_EVERY = 10;

  private static final Duration SILENCE = Duration.ofMillis(20);
  private static final int RESTART_MILLIS_MAX = 3_000;
  private static final Duration IDLE = Duration.ofMillis(10);

  /** How long an execution that the waker has taken is not taken again. */
  private static final Duration CLAIM = Duration.ofSeconds(1);

  /** Rounds of the waker after which an execution that can go on has to have gone on. */
  private static final int ROUNDS_MAX = 40;

  private static final AcceptedExecution EXECUTION =
      new AcceptedExecution(
          new ExecutionId("p", "d", "e"),
          1,
          "digest",
          Values.NONE,
          ExecutionSettings.DEFAULT,
          ByteString.EMPTY,
          Instant.EPOCH,
          0,
          List.of());

  /** Where something happens, and so what ends it. */
  private enum Place {
    /** Nothing ends it. */
    WORLD,
    /** The process; a crash ends it. */
    PROCESS,
    /** The entity; its end ends it. */
    ENTITY
  }

  private record Happening(Instant at, long number, Place place, int life, Runnable what)
      implements Comparable<Happening> {

    /** By moment; at the same moment, first comes what was planned first. */
    @Override
    public int compareTo(Happening other) {
      var order = at.compareTo(other.at);
      return order != 0 ? order : Long.compare(number, other.number);
    }
  }

  /** What is sent to the execution, wherever it lives. */
  private sealed interface Message {
    record Activate() implements Message {}

    record LookAgain(NodePath node) implements Message {}

    record Abort(String cause) implements Message {}
  }

  private enum Phase {
    LOADING,
    ACTIVE,
    LEAVING
  }

  /** A child of the entity, as a node actor is. */
  private static final class Worker {
    final long number;
    NodeWork work;
    Progress progress;
    Instant lastSaid = Instant.EPOCH;

    /** It has reported the end of its attempt. */
    boolean over;

    /** It was told to leave, or released. */
    boolean dismissed;

    Worker(long number, Assignment assignment) {
      this.number = number;
      this.work = assignment.work();
      this.progress = assignment.progress();
    }
  }

  /**
   * A turn that is being stored.
   *
   * @param states the one before, and that after each event
   */
  private record Turn(
      List<WorkflowEvent> events, List<Decision> decisions, List<IndexedState> states) {
    IndexedState after() {
      return states.getLast();
    }
  }

  private final Random random;
  private final RandomPlans plans;
  private final AcceptedExecution execution;
  private final boolean lossy;
  private final boolean aborts;
  private final TestingWorld world;
  private final TestingRow row;
  private final Invariants invariants;
  private final BiConsumer<List<WorkflowEvent>, WorkflowState> observer;
  private final PriorityQueue<Happening> happenings = new PriorityQueue<>();
  private Instant now = Instant.EPOCH.plusSeconds(1);
  private long counter;

  /** What is stored. */
  private final List<WorkflowEvent> journal = new ArrayList<>();

  private WorkflowState stored;
  private long steps;

  /** The entity, if it is alive. */
  private boolean alive;

  private int life;
  private Phase phase = Phase.LOADING;
  private boolean heard;
  private EntityLoop<Long> loop;
  private IndexedState indexed;
  private WorkflowState state;
  private Optional<Turn> storing = Optional.empty();
  private long alarm;
  private long idleCheck;
  private final Map<Long, Worker> workers = new LinkedHashMap<>();

  /** What the entity was notified of, and has to see without being notified again. */
  private final Set<NodePath> owed = new HashSet<>();

  private boolean abortOwed;

  /** How often nodes were notified in this life, and how often they were woken for it. */
  private int notified;

  private int woken;

  private Instant lastPublication = Instant.EPOCH;
  private int rounds;

  private Simulation(
      Random random, RandomPlans plans, BiConsumer<List<WorkflowEvent>, WorkflowState> observer) {
    this.random = random;
    this.plans = plans;
    this.observer = observer;
    this.lossy = random.nextInt(4) == 0;
    this.aborts = random.nextInt(3) == 0;
    var settings =
        new ExecutionSettings(
            random.nextInt(4),
            random.nextBoolean(),
            random.nextInt(3),
            1 + random.nextInt(2),
            Duration.ofMillis(10),
            Duration.ofMillis(100),
            1024,
            1 + random.nextInt(4),
            250_000,
            random.nextInt(4) == 0);
    this.execution =
        new AcceptedExecution(
            EXECUTION.id(),
            1,
            plans.root().digest(),
            Values.NONE,
            settings,
            ByteString.EMPTY,
            Instant.EPOCH,
            0,
            List.of());
    this.stored = new NotStarted(plans);
    become(IndexedState.of(stored));
    this.world = new TestingWorld(random, settings);
    this.row = new TestingRow(world, stored);
    this.invariants = new Invariants(settings);
    this.loop = loop();
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
    return stored;
  }

  /** What has happened to tasks that may be run twice. */
  Set<TestingSpeculation.Met> met() {
    return world.met();
  }

  WorkflowState replayed() {
    WorkflowState replayed = new NotStarted(plans);
    for (var event : journal) {
      replayed = EventApplier.evolve(replayed, event);
    }
    return replayed;
  }

  public Simulation toTheEnd() {
    send(new Message.Activate());
    var count = 0;
    while (!row.ended()) {
      check(count++ < STEPS_MAX, () -> "the history has more than " + STEPS_MAX + " steps");
      step();
    }
    invariants.atTheEnd(journal);
    world.atTheEnd();
    return this;
  }

  private void become(IndexedState next) {
    indexed = next;
    state = next.state();
  }

  // --- what happens by chance, and what happens next

  private void step() {
    switch (random.nextInt(400)) {
      case 0, 1 -> crash();
      case 2, 3 -> abortPerhaps();
      case 4, 5, 6 -> handOver();
      case 7, 8, 9, 10 -> wake();
      case 11, 12, 13, 14 -> notifyForNothing();
      default -> next();
    }
  }

  private void next() {
    var first = happenings.poll();
    if (first == null && alive && phase == Phase.ACTIVE && !lossy) {
      checkOwed();
    }
    if (first != null) {
      pass(first.at());
      var lives =
          switch (first.place()) {
            case WORLD, PROCESS -> true;
            case ENTITY -> alive && first.life() == life;
          };
      if (lives) {
        first.what().run();
      }
    } else if (rounds++ < ROUNDS_MAX && !row.sleepsWithoutEnd()) {
      now = row.wakeUp().filter(now::isBefore).orElse(now.plusMillis(100));
      wake();
    } else {
      rounds = 0;
      silence();
    }
  }

  /** Whether an abort would still do something. */
  private boolean isRunning() {
    return state instanceof WorkflowState.Running running && running.tree().root().stop().isEmpty();
  }

  /** Nothing is under way, so whatever the entity was notified of has been seen. */
  private void checkOwed() {
    if (owed.isEmpty() && !abortOwed) {
      return;
    }
    var unseen = row.unseen();
    owed.retainAll(unseen.nodes());
    check(owed.isEmpty(), () -> "the entity was notified of " + owed + " and has not seen it");
    check(
        !abortOwed || unseen.abortCause().isEmpty() || !isRunning(),
        () -> "the entity was notified of an abort and has not seen it");
  }

  private void owe(Unseen unseen) {
    owed.addAll(unseen.nodes());
    abortOwed |= unseen.abortCause().isPresent();
  }

  private void oweNothing() {
    owed.clear();
    abortOwed = false;
  }

  private void pass(Instant moment) {
    now = moment.isAfter(now) ? moment : now;
  }

  private void happens(Place place, int delayMillisMax, Runnable what) {
    happens(place, now.plusMillis(random.nextInt(delayMillisMax)), what);
  }

  private void happens(Place place, Instant at, Runnable what) {
    happenings.add(new Happening(at, counter++, place, life, what));
  }

  /** All that was in the process is lost; the journal and the tables are all there is. */
  private void crash() {
    happenings.removeIf(happening -> happening.place() == Place.PROCESS);
    endOfLife();
    check(replayed().equals(stored), () -> "replayed is " + replayed() + ", stored is " + stored);
    now = now.plusMillis(1 + random.nextInt(RESTART_MILLIS_MAX));
  }

  /** Another node goes on with the execution; the publisher of this one still writes. */
  private void handOver() {
    if (alive) {
      endOfLife();
      send(new Message.Activate());
    }
  }

  private void endOfLife() {
    if (random.nextBoolean()) {
      storing.ifPresent(this::store);
    }
    storing = Optional.empty();
    alive = false;
    rounds = 0;
    oweNothing();
    workers.clear();
    world.crashed();
  }

  /** Nothing will happen by itself any more. */
  private void silence() {
    now = now.plus(SILENCE);
    var silent = workers.values().stream().filter(worker -> !worker.dismissed).toList();
    if (alive && !silent.isEmpty()) {
      check(lossy, () -> "workers say nothing: " + silent);
      silent.forEach(worker -> {
        worker.over = false;
        happens(Place.ENTITY, 1, () -> look(worker));
      });
      return;
    }
    if (alive && !workers.isEmpty()) {
      // A worker that has reported its end waits to be released; here the report was lost.
      check(lossy, () -> "workers that were dismissed are left: " + workers.values());
      handOver();
      return;
    }
    check(row.unseen().equals(Unseen.NONE), () -> "nobody has seen " + row.unseen());
    // A node that a message has woken for nothing, just before a crash, sleeps in the row alone.
    var waiting =
        WorkflowMachine.sleepers(row.shown()).stream().filter(world::awaitsSignal).toList();
    check(!waiting.isEmpty(), () -> "nothing goes on in " + stored);
    if (random.nextInt(3) == 0) {
      requestAbort("waited long enough");
    } else {
      waiting.forEach(node -> {
        world.send(node);
        row.notified();
        send(new Message.LookAgain(node));
      });
    }
  }

  // --- messages to the execution, and the waker

  private void send(Message message) {
    var times = random.nextInt(4) == 0 ? 0 : random.nextInt(5) == 0 ? 2 : 1;
    for (int i = 0; i < times; i++) {
      happens(Place.WORLD, random.nextInt(10) == 0 ? 3_000 : 20, () -> deliver(message));
    }
  }

  private void wake() {
    if (row.takeDue(now, now.plus(CLAIM))) {
      send(new Message.Activate());
    }
  }

  private void requestAbort(String cause) {
    row.requestAbort(cause);
    send(new Message.Abort(cause));
  }

  private void abortPerhaps() {
    if (aborts) {
      requestAbort("enough");
    }
  }

  /** A message of an earlier attempt may come so late. */
  private void notifyForNothing() {
    WorkflowMachine.sleepers(stored).forEach(node -> send(new Message.LookAgain(node)));
  }

  private void fact(NodePath node, int attempt) {
    if (world.happens(node, attempt)) {
      owed.remove(node);
      row.notified();
      send(random.nextBoolean() ? new Message.LookAgain(node) : new Message.Activate());
    }
  }

  private void deliver(Message message) {
    if (row.ended()) {
      return;
    }
    if (!alive) {
      load();
      if (message instanceof Message.Activate) {
        return;
      }
    }
    if (phase == Phase.LEAVING) {
      heard = true;
      return;
    }
    switch (message) {
      case Message.Activate _ -> {
        owe(row.unseen());
        loop.notifications().activated();
      }
      case Message.LookAgain(var node) -> {
        if (row.unseen().nodes().contains(node)) {
          owed.add(node);
        }
        notified++;
        loop.notified(node);
      }
      case Message.Abort(var cause) -> loop.inbox().add(new WorkflowCommand.Abort(cause));
    }
    proceed();
  }

  // --- the life of the entity

  private void load() {
    life++;
    alive = true;
    heard = false;
    notified = 0;
    woken = 0;
    phase = Phase.LOADING;
    loop = loop();
    loop.notifications().loading();
    happens(
        Place.ENTITY,
        5,
        () -> {
          var unseen = row.unseen();
          happens(Place.ENTITY, 20, () -> recovered(unseen));
        });
  }

  private EntityLoop<Long> loop() {
    return new EntityLoop<>(new Inbox(10), new WorkerSpawner(), this::setAlarm);
  }

  private void recovered(Unseen unseen) {
    owe(unseen);
    notified += unseen.nodes().size();
    loop.notifications().found(unseen);
    phase = Phase.ACTIVE;
    become(IndexedState.of(stored));
    if (steps > row.published()) {
      publish();
    }
    loop.recovered(execution, state, WorkflowMachine.wakeUp(indexed));
    proceed();
  }

  private void proceed() {
    if (phase != Phase.ACTIVE) {
      return;
    }
    switch (loop.proceed(state, this)) {
      case WAIT -> {}
      case REST -> {
        var check = ++idleCheck;
        happens(
            Place.ENTITY,
            now.plus(IDLE),
            () -> {
              if (check == idleCheck) {
                checkIdle();
              }
            });
      }
      case LEAVE -> leave();
    }
  }

  @Override
  public void readUnseen() {
    happens(
        Place.ENTITY,
        5,
        () -> {
          var found =
              random.nextInt(10) == 0 ? Optional.<Unseen>empty() : Optional.of(row.unseen());
          if (found.isEmpty()) {
            oweNothing();
          }
          happens(
              Place.ENTITY,
              40,
              () -> {
                notified += found.map(unseen -> unseen.nodes().size()).orElse(0);
                loop.unseenRead(found);
                proceed();
              });
        });
  }

  private void checkIdle() {
    if (phase != Phase.ACTIVE || !loop.mayLeave(WorkflowMachine.wakeUp(indexed), now.plus(IDLE))) {
      return;
    }
    var sequenceNumber = steps;
    var wakeUp = WorkflowMachine.wakeUp(indexed);
    var checked = life;
    happens(
        Place.PROCESS,
        5,
        () -> {
          if (alive && checked == life && sequenceNumber == row.published() && loop.isIdle()) {
            checkOwed();
          }
          row.sleep(sequenceNumber, wakeUp);
          if (checked == life) {
            happens(
                Place.ENTITY,
                5,
                () -> {
                  if (phase == Phase.ACTIVE && loop.isIdle()) {
                    leave();
                  }
                });
          }
        });
  }

  private void leave() {
    phase = Phase.LEAVING;
    happens(
        Place.ENTITY,
        10,
        () -> {
          alive = false;
          oweNothing();
          if (heard && !(state instanceof Done)) {
            send(new Message.Activate());
          }
        });
  }

  // --- decide, store, publish

  @Override
  public void decide(List<WorkflowCommand> commands) {
    var events = new ArrayList<WorkflowEvent>();
    var decisions = new ArrayList<Decision>();
    var states = new ArrayList<>(List.of(indexed));
    var after = indexed;
    for (var command : commands) {
      if (command instanceof WorkflowCommand.LookAgain(var nodes)) {
        woken += nodes.size();
        check(woken <= notified, () -> "nodes were woken more often than there were notifications");
      }
      var rejecting = after;
      var decision = WorkflowMachine.decide(after, command, now);
      decisions.add(decision);
      switch (decision) {
        case Decision.Reject _ ->
            check(isAtItsEnd(rejecting.state()), () -> "rejected is " + command);
        case Decision.Ignore _ -> {}
        case Decision.Accept(var accepted, _) -> {
          for (var event : cut(command, accepted)) {
            after = after.after(event);
            events.add(event);
            states.add(after);
          }
        }
      }
    }
    var turn = new Turn(events, decisions, states);
    storing = Optional.of(turn);
    happens(
        Place.ENTITY,
        4,
        () -> {
          storing = Optional.empty();
          store(turn);
          stepped(turn);
        });
  }

  private static boolean isAtItsEnd(WorkflowState state) {
    return state instanceof WorkflowState.Succeeding || state instanceof Done;
  }

  /** A step may be too long to hold all that follows; the rest comes with the next one. */
  private List<WorkflowEvent> cut(WorkflowCommand command, List<WorkflowEvent> events) {
    return events.size() < 2
            || command instanceof WorkflowCommand.LookAgain
            || random.nextInt(10) > 0
        ? events
        : events.subList(0, 1 + random.nextInt(events.size() - 1));
  }

  private void store(Turn turn) {
    if (!turn.events().isEmpty()) {
      for (int i = 0; i < turn.events().size(); i++) {
        invariants.before(turn.states().get(i).state(), turn.events().get(i));
        invariants.after(turn.states().get(i + 1), turn.events().get(i));
      }
      journal.addAll(turn.events());
      stored = turn.after().state();
      if (steps++ % INDEX_CHECKS_EVERY == 0) {
        invariants.indexes(turn.after());
      }
      rounds = 0;
    }
  }

  private void stepped(Turn turn) {
    become(turn.after());
    if (!turn.events().isEmpty()) {
      publish();
    }
    loop.stepped(
        execution, state, WorkflowMachine.wakeUp(indexed), turn.events(), turn.decisions());
    if (!turn.events().isEmpty()) {
      observer.accept(turn.events(), state);
      invariants.outstanding(state, works());
    }
    proceed();
  }

  /** The rows follow the steps in order. */
  private void publish() {
    loop.publishing();
    var through = steps;
    var after = stored;
    var published = life;
    var at = now.plusMillis(random.nextInt(20));
    lastPublication = at.isAfter(lastPublication) ? at : lastPublication;
    happens(
        Place.PROCESS,
        lastPublication,
        () -> {
          row.publish(through, after);
          if (alive && published == life) {
            loop.published();
            proceed();
          }
        });
  }

  /** After every step; ticks come early and late. */
  private void setAlarm(Optional<Instant> moment) {
    var set = ++alarm;
    moment.ifPresent(at -> {
      var tick =
          switch (random.nextInt(5)) {
            case 0 -> at.minusNanos(500_000);
            case 1 -> at.plusMillis(random.nextInt(50));
            default -> at;
          };
      happens(
          Place.ENTITY,
          tick.isAfter(now) ? tick : now,
          () -> {
            if (set == alarm && phase == Phase.ACTIVE) {
              loop.inbox().add(new WorkflowCommand.Tick());
              proceed();
            }
          });
    });
  }

  // --- workers

  /** All that is being done, or waits for a worker of the same attempt to be gone. */
  private List<NodeWork> works() {
    var works = new HashMap<NodePath, NodeWork>();
    for (var worker : workers.values()) {
      if (!worker.dismissed) {
        works.put(worker.work.node(), worker.work);
      }
    }
    for (var worker : workers.values()) {
      if (worker.dismissed) {
        WorkflowMachine.outstanding(state, worker.work.node())
            .filter(work -> work.attempt() == worker.work.attempt())
            .ifPresent(work -> works.putIfAbsent(work.node(), work));
      }
    }
    return List.copyOf(works.values());
  }

  private final class WorkerSpawner implements NodeWorkers.WorkerSpawner<Long> {
    @Override
    public Long start(Assignment assignment) {
      var worker = new Worker(counter++, assignment);
      workers.put(worker.number, worker);
      work(worker);
      return worker.number;
    }

    @Override
    public void tell(Long number, io.turboprop.workflow.entity.Worker.Message message) {
      var worker = workers.get(number);
      switch (message) {
        case io.turboprop.workflow.entity.Worker.Abort(var abort) -> {
          worker.work = abort;
          worker.over = false;
          work(worker);
        }
        case io.turboprop.workflow.entity.Worker.LookAgain _ ->
            happens(Place.ENTITY, 2, () -> look(worker));
        case io.turboprop.workflow.entity.Worker.Leave _ -> {
          worker.dismissed = true;
          if (!worker.over) {
            gone(worker);
          }
        }
        case io.turboprop.workflow.entity.Worker.Release _ -> {
          worker.dismissed = true;
          world.finished(worker.work.node(), worker.work.attempt(), worker.progress);
          gone(worker);
        }
      }
    }
  }

  private void gone(Worker worker) {
    happens(
        Place.ENTITY,
        5,
        () -> {
          workers.remove(worker.number);
          loop.workers().gone(worker.number);
          proceed();
        });
  }

  private void look(Worker worker) {
    if (!worker.dismissed && !worker.over) {
      work(worker);
    }
  }

  private void work(Worker worker) {
    switch (worker.work) {
      case Work.RunNode run -> run(worker, run);
      case Work.AbortNode(var node, var attempt, _) -> {
        world.aborted(node, attempt, worker.progress);
        worker.over = true;
        say(worker, new NodeReport.Aborted(node, attempt), 20);
      }
    }
  }

  private void run(Worker worker, Work.RunNode run) {
    var tree = ((WorkflowState.Running) state).tree();
    var answer = world.look(tree, run, worker.progress, now);
    answer.progress().ifPresent(progress -> say(worker, progress, 10));
    answer
        .facts()
        .forEach(
            fact -> happens(Place.WORLD, now.plus(fact), () -> fact(run.node(), run.attempt())));
    answer
        .lookAgain()
        .ifPresent(delay -> happens(Place.ENTITY, now.plus(delay), () -> look(worker)));
    news(worker, answer.report()).ifPresent(report -> say(worker, report, 100));
  }

  /** As a node actor does it: what is known already is not said. */
  private static Optional<NodeReport> news(Worker worker, NodeReport report) {
    if (report instanceof NodeReport.Running(var node, var attempt, var progress, var until)) {
      var known = worker.progress;
      worker.progress = progress.since(known);
      return Optional.of(new NodeReport.Running(node, attempt, worker.progress, until))
          .filter(_ -> !worker.progress.equals(known) || until.isPresent())
          .map(NodeReport.class::cast);
    }
    worker.over =
        !(report instanceof NodeReport.Resolved) && !(report instanceof NodeReport.Opened);
    return Optional.of(report);
  }

  /** What one worker says arrives in order; what it has said last may arrive twice. */
  private void say(Worker worker, NodeReport report, int delayMillisMax) {
    if (lossy && random.nextInt(20) == 0) {
      return;
    }
    var at = now.plusMillis(random.nextInt(delayMillisMax));
    worker.lastSaid = at.isAfter(worker.lastSaid) ? at : worker.lastSaid;
    report(report, worker.lastSaid);
    if (random.nextInt(10) == 0 && !sleeps(report)) {
      report(report, worker.lastSaid.plusMillis(random.nextInt(300)));
    }
  }

  private void report(NodeReport report, Instant at) {
    happens(
        Place.ENTITY,
        at,
        () -> {
          loop.inbox().add(report);
          proceed();
        });
  }

  /** No network brings this twice: it is told by an actor to its parent, who has to believe it. */
  private static boolean sleeps(NodeReport report) {
    return report instanceof NodeReport.Running running && running.sleepsUntil().isPresent();
  }
}
