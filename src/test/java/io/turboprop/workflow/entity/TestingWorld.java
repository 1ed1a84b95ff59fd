package io.turboprop.workflow.entity;

import static io.turboprop.workflow.decide.Invariants.check;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.node.TestingSpeculation;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.RandomPlans;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.NodeState;
import io.turboprop.workflow.state.NodeTree;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * What the workers of a simulation see: tasks that end one way or another, child executions and
 * signals that come when they like. Some tasks are run a second time when they straggle. It
 * outlives crashes of the engine, and knows what was asked of it: a child is begun once per
 * attempt, none is left behind, and nothing is run that was stopped.
 */
final class TestingWorld {
  static final ExecutionError SYSTEM = ExecutionError.system("Code", "message");
  static final ExecutionError USER = ExecutionError.user("Code", "message");

  private static final int DEPTH_MAX = 4;

  /**
   * What a worker has seen.
   *
   * @param facts when something happens that the node waits for
   * @param lookAgain when the worker looks again by itself
   */
  record Answer(
      Optional<NodeReport> progress,
      NodeReport report,
      List<Duration> facts,
      Optional<Duration> lookAgain) {}

  private record Key(NodePath node, int attempt) {}

  private enum Child {
    RUNNING,
    ENDED,
    ABORTED
  }

  private final Random random;
  private final boolean recovers;
  private final Map<Key, Child> children = new LinkedHashMap<>();
  private final Map<Key, TestingSpeculation> speculations = new HashMap<>();
  private final Set<Key> aborted = new HashSet<>();
  private final Map<Key, Boolean> signals = new LinkedHashMap<>();
  private final Map<Key, Instant> sleeping = new HashMap<>();

  TestingWorld(Random random, ExecutionSettings settings) {
    this.random = random;
    this.recovers = settings.looksForRecovery();
  }

  /**
   * A worker looks; asking for what was asked for before changes nothing.
   *
   * @param known what the worker knows of the attempt
   */
  Answer look(NodeTree tree, Work.RunNode run, Progress known, Instant now) {
    var active = (NodeState.Active) tree.node(run.node());
    var plan = tree.plan(run.node());
    var path = run.node();
    var attempt = run.attempt();
    check(!aborted.contains(new Key(path, attempt)), () -> path + " is looked at after its abort");
    if (active.finishing()) {
      return said(outcome(run));
    }
    if (recovers && !isBegun(new Key(path, attempt)) && random.nextInt(8) == 0) {
      return said(new NodeReport.Recovered(path, attempt, outputs(), AttemptSummary.NONE));
    }
    return switch (plan.kind()) {
      case NodeKind.Start _ -> throw new AssertionError("no work is to be done for " + path);
      case NodeKind.End _ -> said(succeeded(run));
      case NodeKind.SubWorkflow _, NodeKind.Branch _ ->
          said(
              random.nextInt(20) == 0
                  ? failed(run, SYSTEM, random.nextBoolean())
                  : new NodeReport.Resolved(path, attempt, TestingPlans.output()));
      case NodeKind.Array _ ->
          said(
              random.nextInt(20) == 0
                  ? failed(run, USER, false)
                  : opened(run, new Subgraph.ArrayElements(random.nextInt(6))));
      case NodeKind.LaunchPlan _ -> child(run);
      case NodeKind.Gate(NodeKind.GateCondition.Sleep(var duration)) -> sleep(run, duration, now);
      case NodeKind.Gate _ -> signal(run);
      case NodeKind.Task _ -> task(run, known, now);
    };
  }

  /** Whether more than the engine has to do with it. */
  private boolean isBegun(Key key) {
    return children.containsKey(key) || speculations.containsKey(key);
  }

  private Answer task(Work.RunNode run, Progress known, Instant now) {
    var key = new Key(run.node(), run.attempt());
    if (speculations.containsKey(key) || known.equals(Progress.NONE) && random.nextInt(12) == 0) {
      var speculation =
          speculations.computeIfAbsent(key, _ -> new TestingSpeculation(random, run.attempt()));
      return seen(run, speculation.look(known, now));
    }
    var depth = depth(run.node());
    if (depth < DEPTH_MAX && random.nextInt(12) == 0) {
      var digest = RandomPlans.digest(random.nextInt(1_000_000), 3, DEPTH_MAX - 1 - depth);
      return with(progress(run, Optional.empty()), opened(run, new Subgraph.Dynamic(digest)));
    }
    if (random.nextInt(12) == 0) {
      return said(progress(run, Optional.of(now.plusMillis(random.nextInt(100)))));
    }
    return random.nextInt(3) == 0
        ? with(progress(run, Optional.empty()), outcome(run))
        : said(outcome(run));
  }

  private Answer seen(Work.RunNode run, TestingSpeculation.Seen seen) {
    return switch (seen) {
      case TestingSpeculation.Seen.Runs(var progress, var delay) ->
          new Answer(
              Optional.empty(),
              new NodeReport.Running(run.node(), run.attempt(), progress, Optional.empty()),
              List.of(),
              Optional.of(delay));
      case TestingSpeculation.Seen.Succeeded _ -> said(succeeded(run));
      case TestingSpeculation.Seen.Failed(var error, var recoverable) ->
          said(failed(run, error, recoverable));
    };
  }

  private static int depth(NodePath path) {
    return path.parent().map(parent -> 1 + depth(parent)).orElse(0);
  }

  private Answer child(Work.RunNode run) {
    var key = new Key(run.node(), run.attempt());
    return switch (children.get(key)) {
      case null -> {
        check(
            children.get(new Key(run.node(), run.attempt() - 1)) != Child.RUNNING,
            () -> "the child of the attempt before runs, at " + run.node());
        children.put(key, Child.RUNNING);
        yield waits(run, List.of(Duration.ofMillis(random.nextInt(200))));
      }
      case RUNNING -> waits(run, List.of());
      case ENDED -> said(random.nextInt(4) == 0 ? failed(run, USER, false) : succeeded(run));
      case ABORTED -> said(failed(run, USER, false));
    };
  }

  private Answer sleep(Work.RunNode run, Duration duration, Instant now) {
    var until =
        sleeping.computeIfAbsent(new Key(run.node(), run.attempt()), _ -> now.plus(duration));
    return now.isBefore(until)
        ? said(progress(run, Optional.of(until)))
        : said(
            new NodeReport.Succeeded(run.node(), run.attempt(), Values.NONE, AttemptSummary.NONE));
  }

  /** Some signals are sent by and by, the others not before all else is still. */
  private Answer signal(Work.RunNode run) {
    var key = new Key(run.node(), run.attempt());
    var sent = signals.get(key);
    if (sent == null) {
      signals.put(key, false);
      return waits(
          run,
          random.nextInt(3) > 0
              ? List.of(Duration.ofMillis(random.nextInt(300)))
              : List.<Duration>of());
    }
    return sent
        ? said(random.nextInt(5) == 0 ? failed(run, USER, false) : succeeded(run))
        : waits(run, List.of());
  }

  /** A child ends, or a signal is sent; false when nobody is to be told. */
  boolean happens(NodePath node, int attempt) {
    var key = new Key(node, attempt);
    if (signals.containsKey(key)) {
      signals.put(key, true);
      return true;
    }
    return children.replace(key, Child.RUNNING, Child.ENDED);
  }

  /** Whether a node waits for a signal that was not sent. */
  boolean awaitsSignal(NodePath node) {
    return signals.entrySet().stream()
        .anyMatch(signal -> signal.getKey().node().equals(node) && !signal.getValue());
  }

  /** Sends the signal that a node waits for, whichever attempt of it. */
  void send(NodePath node) {
    signals.replaceAll((key, sent) -> sent || key.node().equals(node));
  }

  /**
   * The nodes that wait for something that has happened, and have not ended: a child has ended, a
   * signal was sent. A gate that has read its signal is one of them, for a crash may come before
   * what it has reported is stored.
   *
   * @param shown the state that the tables show
   */
  List<NodePath> unseen(WorkflowState shown) {
    var unseen = new ArrayList<NodePath>();
    children.forEach((key, child) -> {
      if (child != Child.RUNNING && isAt(shown, key)) {
        unseen.add(key.node());
      }
    });
    signals.forEach((key, sent) -> {
      if (sent && isAt(shown, key)) {
        unseen.add(key.node());
      }
    });
    return unseen;
  }

  private static boolean isAt(WorkflowState shown, Key key) {
    return shown instanceof WorkflowState.Running running
        && running.tree().find(key.node()).orElse(null) instanceof NodeState.Active active
        && active.attempt() == key.attempt();
  }

  /**
   * @param known what the worker knows of the attempt
   */
  void aborted(NodePath node, int attempt, Progress known) {
    var key = new Key(node, attempt);
    aborted.add(key);
    children.replace(key, Child.RUNNING, Child.ABORTED);
    Optional.ofNullable(speculations.get(key)).ifPresent(task -> task.abort(known));
  }

  /** The end of an attempt has been recorded, and its worker knows. */
  void finished(NodePath node, int attempt, Progress known) {
    Optional.ofNullable(speculations.get(new Key(node, attempt)))
        .ifPresent(task -> task.finish(known));
  }

  /** The engine has crashed and comes back. */
  void crashed() {
    speculations.values().forEach(TestingSpeculation::crashed);
  }

  /** What has happened to tasks that may be run twice. */
  Set<TestingSpeculation.Met> met() {
    var met = EnumSet.noneOf(TestingSpeculation.Met.class);
    speculations.values().forEach(task -> met.addAll(task.met()));
    return met;
  }

  void atTheEnd() {
    check(
        !children.containsValue(Child.RUNNING),
        () -> "child executions are left behind: " + children);
    speculations.values().forEach(TestingSpeculation::atTheEnd);
  }

  private NodeReport outcome(Work.RunNode run) {
    return switch (random.nextInt(14)) {
      case 0 -> failed(run, USER, true);
      case 1 -> failed(run, SYSTEM, true);
      case 2 -> random.nextBoolean() ? failed(run, USER, false) : succeeded(run);
      default -> succeeded(run);
    };
  }

  private Answer waits(Work.RunNode run, List<Duration> facts) {
    return new Answer(
        Optional.empty(),
        progress(run, Optional.of(NodeState.Active.UNTIL_TOLD)),
        facts,
        Optional.empty());
  }

  private static Answer said(NodeReport report) {
    return new Answer(Optional.empty(), report, List.of(), Optional.empty());
  }

  private static Answer with(NodeReport progress, NodeReport report) {
    return new Answer(Optional.of(progress), report, List.of(), Optional.empty());
  }

  private NodeReport progress(Work.RunNode run, Optional<Instant> sleepsUntil) {
    var phase = 1 + random.nextInt(5);
    return new NodeReport.Running(
        run.node(),
        run.attempt(),
        new Progress(phase, 0, ByteString.EMPTY, ByteString.EMPTY),
        sleepsUntil);
  }

  private static NodeReport opened(Work.RunNode run, Subgraph contents) {
    return new NodeReport.Opened(
        run.node(), run.attempt(), TestingPlans.output(), contents, AttemptSummary.NONE);
  }

  private NodeReport succeeded(Work.RunNode run) {
    return new NodeReport.Succeeded(run.node(), run.attempt(), outputs(), AttemptSummary.NONE);
  }

  /** Sometimes too large to be at hand. */
  private Values outputs() {
    return random.nextInt(8) == 0
        ? new Values.Stored(new DataReference("s3://bucket/outputs.pb"))
        : TestingPlans.output();
  }

  private static NodeReport failed(Work.RunNode run, ExecutionError error, boolean recoverable) {
    return new NodeReport.Failed(
        run.node(), run.attempt(), error, recoverable, AttemptSummary.NONE);
  }
}
