package io.turboprop.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.Graph.FailurePolicy;
import io.turboprop.workflow.WorkflowCommand.NodeReport;
import io.turboprop.workflow.WorkflowEvent.Expiry;
import io.turboprop.workflow.WorkflowEvent.NodeFailed;
import io.turboprop.workflow.WorkflowEvent.NodeQueued;
import io.turboprop.workflow.WorkflowEvent.NodeRetrying;
import io.turboprop.workflow.WorkflowEvent.NodeRunning;
import io.turboprop.workflow.WorkflowEvent.NodeSucceeded;
import io.turboprop.workflow.WorkflowState.Done;
import io.turboprop.workflow.WorkflowState.NotStarted;
import io.turboprop.workflow.WorkflowState.Running;
import io.turboprop.workflow.WorkflowState.Succeeding;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The machine by tables: given events, when a command comes, then these events. */
final class WorkflowMachineTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final NodePath A = NodePath.root("a");
  private static final NodePath B = NodePath.root("b");
  private static final NodePath END = NodePath.root(PlanNode.END);
  private static final ExecutionError USER = ExecutionError.user("USER:ValueError", "no");
  private static final ExecutionError SYSTEM = ExecutionError.system("Interrupted", "gone");
  private static final ExecutionSettings SETTINGS =
      new ExecutionSettings(
          1, false, 1, 1, Duration.ofSeconds(1), Duration.ofSeconds(8), 4096, 10, false);

  private record Row(
      String name,
      Plan plan,
      List<WorkflowEvent> given,
      WorkflowCommand when,
      Function<WorkflowState, Object> expected) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final class RowBuilder {
    private final String name;
    private Plan plan = TestingPlans.chain("a", "b");
    private List<WorkflowEvent> given = List.of();
    private WorkflowCommand when = new WorkflowCommand.Tick();

    RowBuilder(String name) {
      this.name = name;
    }

    RowBuilder plan(Plan plan) {
      this.plan = plan;
      return this;
    }

    RowBuilder given(WorkflowEvent... events) {
      given = List.of(events);
      return this;
    }

    RowBuilder when(WorkflowCommand command) {
      when = command;
      return this;
    }

    Row then(WorkflowEvent... events) {
      return new Row(name, plan, given, when, _ -> List.of(events));
    }

    Row refused(Decision.Reason reason) {
      return new Row(name, plan, given, when, _ -> reason);
    }
  }

  private static final ExecutionError LONG = ExecutionError.user("Error", "x".repeat(200_000));

  private static RowBuilder row(String name) {
    return new RowBuilder(name);
  }

  static Stream<Row> rows() {
    return Stream.of(
        row("the start makes the first node queued")
            .when(new WorkflowCommand.Start("digest", Values.NONE, SETTINGS))
            .then(started(), queued(A)),
        row("an execution that has not started can't be aborted")
            .when(new WorkflowCommand.Abort("why"))
            .refused(Decision.Reason.NOT_STARTED),
        row("an execution that has not started can't be given up")
            .when(new WorkflowCommand.Fail(SYSTEM))
            .refused(Decision.Reason.NOT_STARTED),
        row("a tick before the start means nothing").when(new WorkflowCommand.Tick()).then(),
        row("a report before the start means nothing").when(succeeded(A, 0)).then(),
        row("nothing starts twice")
            .given(started(), queued(A))
            .when(new WorkflowCommand.Start("digest", Values.NONE, SETTINGS))
            .refused(Decision.Reason.ALREADY_STARTED),
        row("a node that has succeeded makes the next one queued")
            .given(started(), queued(A))
            .when(succeeded(A, 0))
            .then(nodeSucceeded(A, 0), queued(B)),
        row("the last node's success is the execution's")
            .given(started(), queued(A), nodeSucceeded(A, 0), queued(B))
            .when(succeeded(B, 0))
            .then(
                nodeSucceeded(B, 0),
                endSucceeded(),
                new WorkflowEvent.Succeeding(NOW),
                new WorkflowEvent.Succeeded(outputs(), NOW)),
        row("a late report changes nothing")
            .plan(retried(2))
            .given(started(), queued(A), retrying(A, 0, USER, NOW))
            .when(succeeded(A, 0))
            .then(),
        row("a repeated report changes nothing")
            .given(started(), queued(A), nodeSucceeded(A, 0), queued(B))
            .when(succeeded(A, 0))
            .then(),
        row("a report about a node that is not there changes nothing")
            .given(started(), queued(A))
            .when(succeeded(NodePath.root("zz"), 0))
            .then(),
        row("a report about a node that waits changes nothing")
            .given(started(), queued(A))
            .when(succeeded(B, 0))
            .then(),
        row("progress is recorded")
            .given(started(), queued(A))
            .when(new NodeReport.Running(A, 0, progress(5), Optional.empty()))
            .then(running(A, 0, 5)),
        row("progress that is known is not recorded again")
            .given(started(), queued(A), running(A, 0, 5))
            .when(new NodeReport.Running(A, 0, progress(5), Optional.empty()))
            .then(),
        row("a user error without a budget is final and fails the execution")
            .given(started(), queued(A))
            .when(failed(A, 0, USER, true))
            .then(
                new NodeFailed(A, 0, exhausted(USER, 1, 1), Conclusion.NONE, NOW),
                new WorkflowEvent.Failing(exhausted(USER, 1, 1), NOW),
                new WorkflowEvent.Failed(exhausted(USER, 1, 1), NOW)),
        row("of an error with a very long message the middle is left out")
            .plan(retried(2))
            .given(started(), queued(A))
            .when(failed(A, 0, LONG, true))
            .then(retrying(A, 0, LONG.trimmed(), NOW)),
        row("a user error is tried again at once while the budget lasts")
            .plan(retried(2))
            .given(started(), queued(A))
            .when(failed(A, 0, USER, true))
            .then(retrying(A, 0, USER, NOW)),
        row("an error that no attempt can cure is final whatever the budget")
            .plan(retried(5))
            .given(started(), queued(A))
            .when(failed(A, 0, USER, false))
            .then(
                new NodeFailed(A, 0, USER, Conclusion.NONE, NOW),
                new WorkflowEvent.Failing(USER, NOW),
                new WorkflowEvent.Failed(USER, NOW)),
        row("an error of the platform has a budget of its own and a pause")
            .given(started(), queued(A))
            .when(failed(A, 0, SYSTEM, true))
            .then(retrying(A, 0, SYSTEM, NOW.plusSeconds(1))),
        row("the platform's budget ends too")
            .given(
                started(),
                queued(A),
                retrying(A, 0, SYSTEM, NOW.plusSeconds(1)),
                new WorkflowEvent.NodeRequeued(A, 1, NOW))
            .when(failed(A, 1, SYSTEM, true))
            .then(
                new NodeFailed(A, 1, exhausted(SYSTEM, 1, 1), Conclusion.NONE, NOW),
                new WorkflowEvent.Failing(exhausted(SYSTEM, 1, 1), NOW),
                new WorkflowEvent.Failed(exhausted(SYSTEM, 1, 1), NOW)),
        row("after the pause the next attempt is queued")
            .given(started(), queued(A), retrying(A, 0, SYSTEM, NOW))
            .when(new WorkflowCommand.Tick())
            .then(),
        row("a pause that is over ends with a tick")
            .given(started(), queued(A), earlier(retrying(A, 0, SYSTEM, NOW)))
            .when(new WorkflowCommand.Tick())
            .then(new WorkflowEvent.NodeRequeued(A, 1, NOW)),
        row("an attempt that slept is looked at again in time")
            .given(
                started(),
                queued(A),
                new NodeRunning(A, 0, progress(5), Optional.of(NOW), NOW.minusSeconds(1)))
            .when(new WorkflowCommand.Tick())
            .then(new WorkflowEvent.NodeAwoken(A, 0, NOW)),
        row("an attempt that takes too long is stopped")
            .plan(limited(Duration.ofSeconds(1), Duration.ofSeconds(5)))
            .given(
                started(),
                queued(A),
                new NodeRunning(A, 0, progress(5), Optional.empty(), NOW.minusSeconds(1)))
            .when(new WorkflowCommand.Tick())
            .then(new WorkflowEvent.NodeExpired(A, 0, Expiry.EXECUTION, executionTimeout(), NOW)),
        row("waiting for a place is no running time")
            .plan(limited(Duration.ofSeconds(1), Duration.ofSeconds(5)))
            .given(
                started(),
                queued(A),
                new NodeRunning(A, 0, progress(2), Optional.empty(), NOW.minusSeconds(1)))
            .when(new WorkflowCommand.Tick())
            .then(),
        row("an attempt that has been stopped for its time is a user error")
            .plan(limited(Duration.ofSeconds(1), Duration.ofSeconds(5)))
            .given(started(), queued(A), expired(Expiry.EXECUTION))
            .when(new NodeReport.Aborted(A, 0))
            .then(
                new NodeFailed(A, 0, exhausted(executionTimeout(), 1, 1), Conclusion.NONE, NOW),
                new WorkflowEvent.Failing(exhausted(executionTimeout(), 1, 1), NOW),
                new WorkflowEvent.Failed(exhausted(executionTimeout(), 1, 1), NOW)),
        row("all attempts together have a limit, and then the node has timed out")
            .plan(limited(Duration.ofSeconds(1), Duration.ofSeconds(5)))
            .given(started(), queued(A), expired(Expiry.ACTIVE))
            .when(new NodeReport.Aborted(A, 0))
            .then(
                new WorkflowEvent.NodeTimedOut(A, 0, executionTimeout(), NOW),
                new WorkflowEvent.Failing(executionTimeout(), NOW),
                new WorkflowEvent.Failed(executionTimeout(), NOW)),
        row("an attempt that is being stopped for its time can't succeed any more")
            .plan(limited(Duration.ofSeconds(1), Duration.ofSeconds(5)))
            .given(started(), queued(A), expired(Expiry.EXECUTION))
            .when(succeeded(A, 0))
            .then(),
        row("an abort stops what runs first")
            .given(started(), queued(A))
            .when(new WorkflowCommand.Abort("why"))
            .then(new WorkflowEvent.Aborting("why", NOW)),
        row("the abort is over when all is stopped")
            .given(started(), queued(A), new WorkflowEvent.Aborting("why", NOW))
            .when(new NodeReport.Aborted(A, 0))
            .then(
                new WorkflowEvent.NodeAborted(A, 0, "why", NOW),
                new WorkflowEvent.Aborted("why", NOW)),
        row("what succeeds while being stopped has succeeded, and nothing follows")
            .given(started(), queued(A), new WorkflowEvent.Aborting("why", NOW))
            .when(succeeded(A, 0))
            .then(nodeSucceeded(A, 0), new WorkflowEvent.Aborted("why", NOW)),
        row("a second abort changes nothing")
            .given(started(), queued(A), new WorkflowEvent.Aborting("why", NOW))
            .when(new WorkflowCommand.Abort("again"))
            .then(),
        row("nobody asked for this abort")
            .given(started(), queued(A))
            .when(new NodeReport.Aborted(A, 0))
            .then(),
        row("an execution can be given up")
            .given(started(), queued(A))
            .when(new WorkflowCommand.Fail(SYSTEM))
            .then(new WorkflowEvent.Failed(SYSTEM, NOW)),
        row("parallelism holds the second of two back")
            .plan(pair(FailurePolicy.FAIL_IMMEDIATELY))
            .when(new WorkflowCommand.Start("digest", Values.NONE, SETTINGS))
            .then(started(), queued(A)),
        row("and lets it go when a place is free")
            .plan(pair(FailurePolicy.FAIL_IMMEDIATELY))
            .given(started(), queued(A))
            .when(succeeded(A, 0))
            .then(nodeSucceeded(A, 0), queued(B)),
        row("a failure leaves the others alone if the policy says so")
            .plan(pair(FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE))
            .given(started(), queued(A))
            .when(failed(A, 0, USER, false))
            .then(new NodeFailed(A, 0, USER, Conclusion.NONE, NOW), queued(B)),
        row("and what waits for the failed one is skipped in the end")
            .plan(pair(FailurePolicy.FAIL_AFTER_EXECUTABLE_NODES_COMPLETE))
            .given(
                started(), queued(A), new NodeFailed(A, 0, USER, Conclusion.NONE, NOW), queued(B))
            .when(succeeded(B, 0))
            .then(
                nodeSucceeded(B, 0),
                new WorkflowEvent.NodeSkipped(END, NOW),
                new WorkflowEvent.Failing(USER, NOW),
                new WorkflowEvent.Failed(USER, NOW)),
        row("inputs of a graph mean nothing to a task")
            .given(started(), queued(A), expired(Expiry.ACTIVE))
            .when(new NodeReport.Resolved(A, 0, Values.NONE))
            .then(),
        row("a graph made by a task means nothing while the attempt is being stopped")
            .given(started(), queued(A), expired(Expiry.ACTIVE))
            .when(
                new NodeReport.Opened(A, 0, Values.NONE, new Contents.Elements(3), Conclusion.NONE))
            .then(),
        row("what an earlier execution has done is not done again")
            .given(started(), queued(A))
            .when(new NodeReport.Recovered(A, 0, TestingPlans.output(), Conclusion.NONE))
            .then(
                new WorkflowEvent.NodeRecovered(A, 0, TestingPlans.output(), Conclusion.NONE, NOW),
                queued(B)),
        row("a node that sleeps is looked at again when it is told to")
            .given(started(), queued(A), asleep(A))
            .when(new WorkflowCommand.LookAgain(List.of(A, B)))
            .then(new WorkflowEvent.NodeAwoken(A, 0, NOW)),
        row("a node that is awake need not be told")
            .given(started(), queued(A))
            .when(new WorkflowCommand.LookAgain(List.of(A)))
            .then(),
        row("there is nothing to look at before the start")
            .when(new WorkflowCommand.LookAgain(List.of(A)))
            .then(),
        row("the last word is said in a later step if the first was too long")
            .given(
                started(),
                queued(A),
                nodeSucceeded(A, 0),
                queued(B),
                nodeSucceeded(B, 0),
                endSucceeded(),
                new WorkflowEvent.Succeeding(NOW))
            .when(new WorkflowCommand.Tick())
            .then(new WorkflowEvent.Succeeded(outputs(), NOW)),
        succeeding("a start", new WorkflowCommand.Start("digest", Values.NONE, SETTINGS))
            .refused(Decision.Reason.ALREADY_STARTED),
        succeeding("an abort", new WorkflowCommand.Abort("why"))
            .refused(Decision.Reason.ALREADY_ENDED),
        succeeding("giving up", new WorkflowCommand.Fail(SYSTEM))
            .refused(Decision.Reason.ALREADY_ENDED),
        succeeding("a look", new WorkflowCommand.LookAgain(List.of(A))).then(),
        succeeding("a report", succeeded(A, 0)).then(),
        ended("a start", new WorkflowCommand.Start("digest", Values.NONE, SETTINGS))
            .refused(Decision.Reason.ALREADY_STARTED),
        ended("an abort", new WorkflowCommand.Abort("why")).refused(Decision.Reason.ALREADY_ENDED),
        ended("giving up", new WorkflowCommand.Fail(SYSTEM)).refused(Decision.Reason.ALREADY_ENDED),
        ended("a tick", new WorkflowCommand.Tick()).then(),
        ended("a look", new WorkflowCommand.LookAgain(List.of(A))).then(),
        ended("a report", succeeded(A, 0)).then());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void decides(Row row) {
    var state = state(row);
    var decision = WorkflowMachine.decide(state, row.when(), NOW);
    var expected = row.expected().apply(state);
    assertThat(
            switch (decision) {
              case Decision.Reject(var reason, _) -> reason;
              case Decision.Accept(var events, _) -> events;
              case Decision.Ignore _ -> List.of();
            })
        .isEqualTo(expected);
  }

  @Test
  void everyStateHasARowForEveryCommand() {
    Set<String> pairs = new HashSet<>();
    rows().forEach(row -> pairs.add(pair(state(row).getClass(), kind(row.when()))));
    var missing = new ArrayList<String>();
    for (var state : List.of(NotStarted.class, Running.class, Succeeding.class, Done.class)) {
      for (var command : WorkflowCommand.class.getPermittedSubclasses()) {
        if (!pairs.contains(pair(state, command))) {
          missing.add(pair(state, command));
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void whileRunningEveryReportHasARow() {
    var seen = new HashSet<Class<?>>();
    rows().filter(row -> state(row) instanceof Running).forEach(r -> seen.add(r.when().getClass()));
    assertThat(seen).containsAll(Arrays.asList(NodeReport.class.getPermittedSubclasses()));
  }

  private static String pair(Class<?> state, Class<?> command) {
    return state.getSimpleName() + " × " + command.getSimpleName();
  }

  private static Class<?> kind(WorkflowCommand command) {
    return command instanceof NodeReport ? NodeReport.class : command.getClass();
  }

  private static WorkflowState state(Row row) {
    WorkflowState state = new NotStarted(_ -> row.plan());
    for (var event : row.given()) {
      state = WorkflowMachine.evolve(state, event);
    }
    return state;
  }

  private static RowBuilder succeeding(String what, WorkflowCommand command) {
    return row("while succeeding, " + what)
        .given(
            started(),
            queued(A),
            nodeSucceeded(A, 0),
            queued(B),
            nodeSucceeded(B, 0),
            endSucceeded(),
            new WorkflowEvent.Succeeding(NOW))
        .when(command);
  }

  private static RowBuilder ended(String what, WorkflowCommand command) {
    return row("after the end, " + what)
        .given(started(), queued(A), new WorkflowEvent.Failed(SYSTEM, NOW))
        .when(command);
  }

  private static WorkflowEvent started() {
    return new WorkflowEvent.Started("digest", Values.NONE, SETTINGS, NOW);
  }

  private static WorkflowEvent queued(NodePath path) {
    return new NodeQueued(path, NOW);
  }

  private static WorkflowEvent running(NodePath path, int attempt, int phase) {
    return new NodeRunning(path, attempt, progress(phase), Optional.empty(), NOW);
  }

  private static WorkflowEvent asleep(NodePath path) {
    return new NodeRunning(path, 0, progress(1), Optional.of(NodeState.Active.UNTIL_TOLD), NOW);
  }

  private static WorkflowEvent expired(Expiry expiry) {
    return new WorkflowEvent.NodeExpired(A, 0, expiry, executionTimeout(), NOW);
  }

  private static NodeRetrying retrying(
      NodePath path, int attempt, ExecutionError error, Instant notBefore) {
    return new NodeRetrying(path, attempt, error, Conclusion.NONE, notBefore, NOW);
  }

  private static WorkflowEvent earlier(NodeRetrying event) {
    return new NodeRetrying(
        event.node(),
        event.attempt(),
        event.error(),
        event.conclusion(),
        event.notBefore(),
        NOW.minusSeconds(1));
  }

  private static WorkflowEvent nodeSucceeded(NodePath path, int attempt) {
    return new NodeSucceeded(path, attempt, TestingPlans.output(), Conclusion.NONE, NOW);
  }

  private static WorkflowEvent endSucceeded() {
    return new NodeSucceeded(END, 0, outputs(), Conclusion.NONE, NOW);
  }

  private static Values outputs() {
    var one =
        ((Values.Inline) TestingPlans.output()).literals().get(TestingPlans.OUTPUT).orElseThrow();
    return new Values.Inline(io.turboprop.data.Literals.of(Map.of("a", one, "b", one)));
  }

  private static WorkflowCommand succeeded(NodePath path, int attempt) {
    return new NodeReport.Succeeded(path, attempt, TestingPlans.output(), Conclusion.NONE);
  }

  private static WorkflowCommand failed(
      NodePath path, int attempt, ExecutionError error, boolean recoverable) {
    return new NodeReport.Failed(path, attempt, error, recoverable, Conclusion.NONE);
  }

  private static Progress progress(int phase) {
    return new Progress(phase, 0, ByteString.EMPTY, ByteString.EMPTY);
  }

  private static ExecutionError exhausted(ExecutionError error, int current, int max) {
    return ExecutionError.user(
        "RetriesExhausted|" + error.code(),
        "[%d/%d] currentAttempt done. Last Error: %s::%s"
            .formatted(current, max, error.kind(), error.message()));
  }

  private static ExecutionError executionTimeout() {
    return ExecutionError.user("TimeoutExpired", "task execution timeout [1s] expired");
  }

  private static Plan retried(int attemptsMax) {
    return single(
        new NodePolicy(attemptsMax, Optional.empty(), Optional.empty(), Optional.empty()));
  }

  private static Plan limited(Duration execution, Duration active) {
    return single(new NodePolicy(0, Optional.of(execution), Optional.of(active), Optional.empty()));
  }

  private static Plan single(NodePolicy policy) {
    return TestingPlans.plan(
        List.of(TestingPlans.task("a", policy)), Map.of(), FailurePolicy.FAIL_IMMEDIATELY);
  }

  private static Plan pair(FailurePolicy policy) {
    return TestingPlans.plan(
        List.of(
            TestingPlans.task("a", NodePolicy.DEFAULT), TestingPlans.task("b", NodePolicy.DEFAULT)),
        Map.of(),
        policy);
  }
}
