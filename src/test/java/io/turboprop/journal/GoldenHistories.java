package io.turboprop.journal;

import static io.turboprop.workflow.state.Facts.abort;
import static io.turboprop.workflow.state.Facts.fails;
import static io.turboprop.workflow.state.Facts.failsPerhaps;
import static io.turboprop.workflow.state.Facts.hasStopped;
import static io.turboprop.workflow.state.Facts.lookAgain;
import static io.turboprop.workflow.state.Facts.opens;
import static io.turboprop.workflow.state.Facts.recovers;
import static io.turboprop.workflow.state.Facts.runs;
import static io.turboprop.workflow.state.Facts.sleeps;
import static io.turboprop.workflow.state.Facts.succeeds;

import com.google.protobuf.ByteString;
import io.turboprop.data.EntityId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.journal.v1.State;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.IndexedState;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.decide.WorkflowMachine;
import io.turboprop.workflow.plan.Graph;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodeKind.Array.Encoding;
import io.turboprop.workflow.plan.NodeKind.GateCondition;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.Plans;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Facts;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import io.turboprop.workflow.state.WorkflowStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Executions of each kind of node, whose journals are in {@code
 * src/test/resources/journal/histories}: a {@code Step} and the {@code State} after it in turn,
 * each behind its length. {@link #main} writes those that are missing; one that is there is never
 * written again, so that what a version wrote is read for ever.
 */
final class GoldenHistories {
  private static final NodePolicy TWICE = policy(Optional.empty());

  /** What is done in an execution; a plan is never changed once its history is written. */
  enum Kind {
    TASK_CHAIN_WITH_RETRIES(
        TestingPlans.flow(
            TestingPlans.task("a", TWICE),
            TestingPlans.reading(TestingPlans.task("b"), List.of("a"))),
        runs("a"),
        failsPerhaps("a", Facts.USER),
        secondSucceeds("a"),
        failsPerhaps("b", Facts.SYSTEM),
        new WorkflowCommand.Tick(),
        secondSucceeds("b")),
    SUB_WORKFLOW(
        TestingPlans.flow(
            TestingPlans.subWorkflow("s", TestingPlans.flow(TestingPlans.task("x"))),
            TestingPlans.task("a")),
        succeeds("s/0/x"),
        succeeds("a")),
    BRANCH(
        TestingPlans.flow(
            TestingPlans.branch("b", List.of(), Optional.of("else"), TestingPlans.task("else"))),
        succeeds("b/0/else")),
    ARRAY_NODE(array(Encoding.ARRAY_NODE), arrayCommands()),
    ARRAY_NODE_OF_PLAIN_TASK(array(Encoding.ARRAY_NODE_OF_PLAIN_TASK), arrayCommands()),
    CONTAINER_ARRAY(array(Encoding.CONTAINER_ARRAY), arrayCommands()),
    DYNAMIC(
        TestingPlans.flow(TestingPlans.task("d")),
        opens("d", new Subgraph.Dynamic("made")),
        succeeds("d/0/made"),
        succeeds("d")),
    DYNAMIC_TRIED_AGAIN(
        TestingPlans.flow(TestingPlans.task("d", TWICE)),
        opens("d", new Subgraph.Dynamic("made")),
        succeeds("d/0/made"),
        failsPerhaps("d", Facts.USER),
        secondSucceeds("d")),
    LAUNCH_PLAN(
        TestingPlans.flow(
            TestingPlans.node(
                "l",
                new NodeKind.LaunchPlan(
                    new EntityId(EntityId.Kind.LAUNCH_PLAN, "p", "d", "l", "v")),
                NodePolicy.DEFAULT)),
        sleeps("l"),
        lookAgain("l"),
        succeeds("l")),
    GATE_SLEEP(gate(new GateCondition.Sleep(Duration.ofSeconds(5))), gateCommands()),
    GATE_SIGNAL(
        gate(new GateCondition.Signal("s", ByteString.EMPTY, TestingPlans.OUTPUT)), gateCommands()),
    GATE_APPROVE(gate(new GateCondition.Approve("s")), gateCommands()),
    FAILURE_NODE(
        TestingPlans.flow(
            FailurePolicy.FAIL_IMMEDIATELY,
            Optional.of(TestingPlans.task("f")),
            TestingPlans.task("a"),
            TestingPlans.task("b")),
        fails("a", Facts.USER),
        hasStopped("b"),
        succeeds("f")),
    ABORT(
        TestingPlans.flow(TestingPlans.task("a"), TestingPlans.task("b")),
        runs("a"),
        abort(),
        hasStopped("a"),
        hasStopped("b")),
    TIMEOUT(
        TestingPlans.flow(TestingPlans.task("a", policy(Optional.of(Duration.ofSeconds(3))))),
        runs("a"),
        new WorkflowCommand.Tick(),
        hasStopped("a"),
        secondSucceeds("a")),
    RECOVERY(TestingPlans.flow(TestingPlans.task("a")), recovers("a"));

    private final Plan plan;
    private final List<WorkflowCommand> commands;

    Kind(Graph graph, WorkflowCommand... commands) {
      this.plan = TestingPlans.plan(graph);
      this.commands = List.of(commands);
    }

    Plans plans() {
      var made = TestingPlans.plan("made", TestingPlans.flow(TestingPlans.task("made")));
      return Map.of("digest", plan, "made", made)::get;
    }

    String fileName() {
      return "histories/" + name().toLowerCase(java.util.Locale.ROOT) + ".bin";
    }
  }

  private GoldenHistories() {}

  private static NodePolicy policy(Optional<Duration> timeout) {
    return new NodePolicy(2, timeout, Optional.empty());
  }

  private static WorkflowCommand secondSucceeds(String node) {
    return new NodeReport.Succeeded(
        new NodePath(node), 1, TestingPlans.output(), AttemptSummary.NONE);
  }

  private static Graph array(Encoding encoding) {
    var kind =
        new NodeKind.Array(
            TestingPlans.task("element"),
            OptionalInt.empty(),
            OptionalInt.of(1),
            0,
            Set.of(),
            encoding);
    return TestingPlans.flow(TestingPlans.node("m", kind, NodePolicy.DEFAULT));
  }

  private static WorkflowCommand[] arrayCommands() {
    return new WorkflowCommand[] {
      opens("m", new Subgraph.ArrayElements(3)),
      succeeds("m/0/n1"),
      fails("m/0/n0", Facts.USER),
      succeeds("m/0/n2"),
      succeeds("m")
    };
  }

  private static Graph gate(GateCondition condition) {
    return TestingPlans.flow(
        TestingPlans.node("g", new NodeKind.Gate(condition), NodePolicy.DEFAULT));
  }

  private static WorkflowCommand[] gateCommands() {
    return new WorkflowCommand[] {sleeps("g"), lookAgain("g"), succeeds("g")};
  }

  static void main() throws IOException {
    for (var kind : Kind.values()) {
      var file = Path.of("src/test/resources/journal").resolve(kind.fileName());
      if (!Files.exists(file)) {
        Files.createDirectories(file.getParent());
        write(kind, file);
      }
    }
  }

  private static void write(Kind kind, Path file) throws IOException {
    var execution = IndexedState.of(new NotStarted(kind.plans()));
    var now = Facts.NOW;
    try (var out = Files.newOutputStream(file)) {
      execution =
          step(
              execution,
              new WorkflowCommand.Start(kind.plan.digest(), Values.NONE, Facts.WIDE),
              now,
              out);
      for (var command : kind.commands) {
        now = now.plusSeconds(10);
        execution = step(execution, command, now, out);
      }
    }
    if (!(execution.state() instanceof Done)) {
      throw new IllegalStateException(kind + " does not end: " + execution.state());
    }
  }

  private static IndexedState step(
      IndexedState before, WorkflowCommand command, Instant now, java.io.OutputStream out)
      throws IOException {
    if (!(WorkflowMachine.decide(before, command, now)
            instanceof Decision.Accept(var events, var after))
        || events.isEmpty()) {
      throw new IllegalStateException("nothing follows from " + command + " in " + before.state());
    }
    WorkflowEventCodec.encode(new WorkflowStep(events)).writeDelimitedTo(out);
    State stored = WorkflowStateCodec.encode(after.state());
    stored.writeDelimitedTo(out);
    return after;
  }
}
