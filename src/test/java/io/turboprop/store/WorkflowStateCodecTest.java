package io.turboprop.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Values;
import io.turboprop.workflow.Conclusion;
import io.turboprop.workflow.Decision;
import io.turboprop.workflow.ExecutionSettings;
import io.turboprop.workflow.NodeKind;
import io.turboprop.workflow.Plan;
import io.turboprop.workflow.Progress;
import io.turboprop.workflow.TestingPlans;
import io.turboprop.workflow.Work;
import io.turboprop.workflow.WorkflowCommand;
import io.turboprop.workflow.WorkflowCommand.NodeReport;
import io.turboprop.workflow.WorkflowMachine;
import io.turboprop.workflow.WorkflowState;
import io.turboprop.workflow.WorkflowStep;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WorkflowStateCodecTest {
  private static final int STEPS_MAX = 300;

  private final JournalSerializer serializer = new JournalSerializer();

  static LongStream seeds() {
    return LongStream.range(0, 300);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyStateOnTheWayIsReadAsItWasWritten(long seed) {
    var random = new Random(seed);
    var plan = TestingPlans.random(random, 10, 2);
    WorkflowState state = new WorkflowState.NotStarted(digest -> plan);
    var now = Instant.parse("2026-01-01T12:00:00Z");
    var command = start(random, plan);
    for (int i = 0; i < STEPS_MAX && !(state instanceof WorkflowState.Done); i++) {
      if (WorkflowMachine.decide(state, command, now) instanceof Decision.Accept(var events, _)
          && !events.isEmpty()) {
        assertThat(copy(new WorkflowStep(events)).events()).isEqualTo(events);
        for (var event : events) {
          state = WorkflowMachine.evolve(state, event);
          assertThat(copy(state)).isEqualTo(state);
        }
      }
      now = now.plusMillis(random.nextInt(50));
      command = next(state, now, random);
    }
  }

  private WorkflowStep copy(WorkflowStep step) {
    return (WorkflowStep)
        serializer.fromBinary(serializer.toBinary(step), serializer.manifest(step));
  }

  private WorkflowState copy(WorkflowState state) {
    var plans =
        switch (state) {
          case WorkflowState.NotStarted(var all) -> all;
          case WorkflowState.Running(var header, _) -> header.plans();
          case WorkflowState.Succeeding(var header, _) -> header.plans();
          case WorkflowState.Done(var header, _) -> header.plans();
        };
    var snapshots = new WorkflowSnapshots(plans);
    var stored = snapshots.toJournal(state);
    return snapshots.fromJournal(
        serializer.fromBinary(serializer.toBinary(stored), serializer.manifest(stored)));
  }

  private static WorkflowCommand start(Random random, Plan plan) {
    var defaults = ExecutionSettings.DEFAULT;
    return new WorkflowCommand.Start(
        plan.digest(),
        random.nextBoolean() ? Values.NONE : TestingPlans.output(),
        new ExecutionSettings(
            random.nextInt(4),
            random.nextBoolean(),
            random.nextInt(3),
            1 + random.nextInt(2),
            defaults.backOffMin(),
            defaults.backOffMax(),
            1024,
            1 + random.nextInt(5),
            false));
  }

  /** Whatever the world may say now. */
  private static WorkflowCommand next(WorkflowState state, Instant now, Random random) {
    if (random.nextInt(100) == 0) {
      return new WorkflowCommand.Abort("enough");
    }
    var work = List.copyOf(WorkflowMachine.outstanding(state));
    if (work.isEmpty()) {
      return new WorkflowCommand.Tick();
    }
    return switch (work.get(random.nextInt(work.size()))) {
      case Work.Wake _ -> new WorkflowCommand.Tick();
      case Work.AbortNode abort -> new NodeReport.Aborted(abort.node(), abort.attempt());
      case Work.RunNode run when holdsGraph(state, run) ->
          new NodeReport.Resolved(run.node(), run.attempt(), TestingPlans.output());
      case Work.RunNode run -> report(run, now, random);
    };
  }

  private static boolean holdsGraph(WorkflowState state, Work.RunNode run) {
    return ((WorkflowState.Running) state).tree().plan(run.node()).kind()
        instanceof NodeKind.SubWorkflow;
  }

  private static NodeReport report(Work.RunNode run, Instant now, Random random) {
    var node = run.node();
    var attempt = run.attempt();
    return switch (random.nextInt(6)) {
      case 0 ->
          new NodeReport.Running(
              node,
              attempt,
              new Progress(random.nextInt(6), 1, ByteString.copyFromUtf8("x"), ByteString.EMPTY),
              random.nextBoolean() ? Optional.of(now.plusMillis(20)) : Optional.empty());
      case 1 -> failed(run, ExecutionError.user("Code", "message"));
      case 2 -> failed(run, ExecutionError.system("Code", "message"));
      default -> new NodeReport.Succeeded(node, attempt, TestingPlans.output(), Conclusion.NONE);
    };
  }

  private static NodeReport failed(Work.RunNode run, ExecutionError error) {
    return new NodeReport.Failed(run.node(), run.attempt(), error, true, Conclusion.NONE);
  }
}
