package io.turboprop.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.WorkflowExecution;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.event.Journal.Step;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.NodeExecutionRow;
import io.turboprop.store.Timestamps;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState.Done;
import io.turboprop.workflow.state.WorkflowState.NotStarted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayTest {
  private static final Instant AT = Instant.parse("2026-01-01T12:00:00Z");
  private static final NodePath N0 = NodePath.root("n0");
  private static final NodePath END = NodePath.root(PlanNode.END);
  private static final Plan PLAN = io.turboprop.workflow.plan.TestingPlans.chain("n0");
  private static final List<Step> STEPS =
      List.of(
          new Step(
              1,
              List.of(
                  new WorkflowEvent.Started(
                      PLAN.digest(), Values.NONE, ExecutionSettings.DEFAULT, AT),
                  new WorkflowEvent.NodeQueued(N0, AT))),
          new Step(
              2,
              List.of(
                  new WorkflowEvent.NodeSucceeded(N0, 0, Values.NONE, AttemptSummary.NONE, AT),
                  new WorkflowEvent.NodeSucceeded(END, 0, Values.NONE, AttemptSummary.NONE, AT),
                  new WorkflowEvent.Succeeding(AT),
                  new WorkflowEvent.Succeeded(Values.NONE, AT))));

  @Test
  void whatWasPublishedAgreesWithTheJournal() {
    var replay = replay(2, WorkflowExecution.Phase.SUCCEEDED, true);
    STEPS.forEach(step -> replay.add(step, (_, _, _) -> {}));

    assertThat(replay.state()).isInstanceOf(Done.class);
    assertThat(replay.nodeIds()).containsExactly("start-node", "n0", "end-node");
    assertThat(replay.differences(rows("start-node", "n0", "end-node"))).isEmpty();
  }

  @Test
  void everyEventIsShownWithTheStateAfterIt() {
    var seen = new ArrayList<String>();
    var replay = replay(2, WorkflowExecution.Phase.SUCCEEDED, true);
    STEPS.forEach(step ->
        replay.add(
            step,
            (number, event, state) ->
                seen.add(
                    "%d %s %s"
                        .formatted(
                            number,
                            event.getClass().getSimpleName(),
                            state.getClass().getSimpleName()))));

    assertThat(seen)
        .containsExactly(
            "1 Started Running",
            "1 NodeQueued Running",
            "2 NodeSucceeded Running",
            "2 NodeSucceeded Running",
            "2 Succeeding Succeeding",
            "2 Succeeded Done");
  }

  @Test
  void rowsThatSaySomethingElseAreNamed() {
    var replay = replay(2, WorkflowExecution.Phase.RUNNING, false);
    STEPS.forEach(step -> replay.add(step, (_, _, _) -> {}));
    var failed = row("n0", NodeExecution.Phase.FAILED);

    assertThat(
            replay.differences(List.of(failed, row("start-node", NodeExecution.Phase.SUCCEEDED))))
        .containsExactly(
            "the execution is shown in phase 2, but is in phase 4",
            "the execution is shown as not ended",
            "node n0 is shown in phase 5, attempt 0, but is in phase 3, attempt 0",
            "node end-node is not shown");
  }

  @Test
  void whatIsNotYetPublishedIsNotCompared() {
    var replay = replay(1, WorkflowExecution.Phase.RUNNING, false);
    STEPS.forEach(step -> replay.add(step, (_, _, _) -> {}));

    assertThat(
            replay.differences(
                List.of(
                    row("start-node", NodeExecution.Phase.SUCCEEDED),
                    row("n0", NodeExecution.Phase.QUEUED))))
        .isEmpty();
  }

  @Test
  void journalThatLacksAStepCanNotBeReplayed() {
    var replay = replay(2, WorkflowExecution.Phase.SUCCEEDED, true);

    assertThatThrownBy(() -> replay.add(STEPS.getLast(), (_, _, _) -> {}))
        .hasMessage("step 1 of the journal is missing: after 0 comes 2");
  }

  @Test
  void journalThatIsShorterThanWhatWasPublishedIsNamed() {
    var replay = replay(2, WorkflowExecution.Phase.RUNNING, false);
    replay.add(STEPS.getFirst(), (_, _, _) -> {});

    assertThat(
            replay.differences(
                List.of(
                    row("start-node", NodeExecution.Phase.SUCCEEDED),
                    row("n0", NodeExecution.Phase.QUEUED))))
        .containsExactly("published through step 2, but the journal ends with step 1");
  }

  private static Replay replay(
      long publishedThrough, WorkflowExecution.Phase phase, boolean ended) {
    var accepted =
        new AcceptedExecution(
            new ExecutionId("p", "d", "e"),
            7,
            PLAN.digest(),
            Values.NONE,
            ExecutionSettings.DEFAULT,
            ByteString.EMPTY,
            AT,
            publishedThrough,
            List.of());
    var entity = new EntityId(EntityId.Kind.WORKFLOW, "p", "d", "w", "v");
    var row =
        new ExecutionRow(
            accepted,
            entity,
            entity,
            Values.NONE,
            phase.getNumber(),
            ended,
            new Timestamps(AT, AT, AT, null),
            null,
            null,
            null,
            false,
            null,
            null,
            false);
    return new Replay(row, PLAN, PlanNodes.WITHOUT_DYNAMIC, new NotStarted(_ -> PLAN));
  }

  private static List<NodeExecutionRow> rows(String... ids) {
    var rows = new ArrayList<NodeExecutionRow>();
    for (var id : ids) {
      rows.add(row(id, NodeExecution.Phase.SUCCEEDED));
    }
    return rows;
  }

  private static NodeExecutionRow row(String id, NodeExecution.Phase phase) {
    return new NodeExecutionRow(
        7,
        id,
        NodePath.root(id),
        null,
        false,
        phase.getNumber(),
        0,
        new Timestamps(AT, AT, AT, AT),
        null,
        null,
        AttemptSummary.Cache.DISABLED,
        null);
  }
}
