package io.turboprop.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.TaskExecution;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.store.ArrayElementChange;
import io.turboprop.store.ProgressTables.Changes;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowEvent.Permit;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ArrayRowChangesTest {
  private static final NodePath N0 = NodePath.root("n0");
  private static final NodePath ELEMENT = N0.child(1, "n7");
  private static final ExecutionError ERROR = ExecutionError.user("USER:ValueError", "no");
  private static final ByteString DETAILS = ByteString.copyFromUtf8("details");
  private static final PlanNode TASK =
      io.turboprop.workflow.plan.TestingPlans.task("t", NodePolicy.DEFAULT);

  @Test
  void anArrayOfTasksIsOneAttemptOfItsTask() {
    var changes =
        changes(
            TASK,
            opened(1, 10),
            new WorkflowEvent.NodeFailed(N0, 1, ERROR, AttemptSummary.NONE, at(9)));
    assertThat(changes.tasks())
        .singleElement()
        .satisfies(task -> {
          assertThat(task.key().nodeId()).isEqualTo("n0");
          assertThat(task.key().attempt()).isZero();
          assertThat(task.task()).isEqualTo(((NodeKind.Task) TASK.kind()).task());
          assertThat(task.phase()).isEqualTo(TaskExecution.Phase.FAILED_VALUE);
          assertThat(task.elements()).isEqualTo(10);
          assertThat(task.moments().startedAt()).isEqualTo(at(1));
          assertThat(task.error()).isEqualTo(ERROR);
        });
    assertThat(changes.nodes())
        .singleElement()
        .satisfies(node -> {
          assertThat(node.parent()).isFalse();
          assertThat(node.phase()).isEqualTo(NodeExecution.Phase.FAILED_VALUE);
        });
  }

  @Test
  void anArrayThatWasNeverOpenedHasNoAttempt() {
    var failed = new WorkflowEvent.NodeFailed(N0, 0, ERROR, AttemptSummary.NONE, at(9));
    assertThat(changes(TASK, failed).tasks()).allSatisfy(task -> assertThat(task.task()).isNull());
  }

  @Test
  void anElementThatIsATaskHasARowOfItsOwnAndNoNode() {
    var cache = new AttemptSummary.Cache(AttemptSummary.CacheStatus.POPULATED, ByteString.EMPTY);
    var changes =
        changes(
            TASK,
            new WorkflowEvent.NodeQueued(ELEMENT, at(1)),
            running(0, at(2)),
            new WorkflowEvent.NodeRetrying(
                ELEMENT, 0, ERROR, AttemptSummary.NONE, at(4), Permit.KEPT, at(3)),
            new WorkflowEvent.NodeRequeued(ELEMENT, 1, at(4)),
            new WorkflowEvent.NodeSucceeded(
                ELEMENT,
                1,
                Values.NONE,
                new AttemptSummary(Optional.of(at(5)), ByteString.EMPTY, cache, Optional.empty()),
                at(6)));
    assertThat(changes.nodes()).isEmpty();
    assertThat(changes.tasks()).isEmpty();
    assertThat(changes.elements())
        .containsExactly(
            new ArrayElementChange(
                new ArrayElementChange.Key(7, "n0", 1, 7),
                TaskExecution.Phase.SUCCEEDED_VALUE,
                1,
                AttemptSummary.CacheStatus.POPULATED.ordinal(),
                at(5),
                at(6),
                DETAILS));
  }

  @Test
  void anElementBeginsWhenItsTaskRuns() {
    var queued = new WorkflowEvent.NodeQueued(ELEMENT, at(1));
    assertThat(changes(TASK, queued, running(0, at(2)), running(0, at(3))).elements())
        .extracting(ArrayElementChange::startedAt, ArrayElementChange::updatedAt)
        .containsExactly(tuple(at(2), at(3)));
  }

  @Test
  void anElementBetweenTwoAttemptsHasFailedForNow() {
    var retrying =
        new WorkflowEvent.NodeRetrying(
            ELEMENT, 0, ERROR, AttemptSummary.NONE, at(4), Permit.KEPT, at(3));
    assertThat(changes(TASK, retrying).elements())
        .extracting(ArrayElementChange::phase)
        .containsExactly(TaskExecution.Phase.RETRYABLE_FAILED_VALUE);
  }

  @Test
  void anElementThatWasNeverTriedNeedsNoRow() {
    assertThat(changes(TASK, new WorkflowEvent.NodeQueued(ELEMENT, at(1))).elements()).isEmpty();
  }

  @Test
  void elementsThatAreNoTasksAreNodesWithinTheArray() {
    var child =
        new PlanNode(
            "c",
            "",
            new NodeKind.LaunchPlan(TestingPlans.LAUNCH_PLAN),
            List.of(),
            NodePolicy.DEFAULT);
    var changes = changes(child, opened(1, 10), new WorkflowEvent.NodeQueued(ELEMENT, at(2)));
    assertThat(changes.tasks()).isEmpty();
    assertThat(changes.elements()).isEmpty();
    assertThat(changes.nodes())
        .extracting(node -> node.key().nodeId() + " " + node.parentId() + " " + node.parent())
        .containsExactly("n0 null false", "n0-1-n7 n0 false");
  }

  private static WorkflowEvent running(int attempt, Instant at) {
    return new WorkflowEvent.NodeRunning(
        ELEMENT, attempt, new Progress(5, 1, ByteString.EMPTY, DETAILS), Optional.empty(), at);
  }

  private static WorkflowEvent opened(int attempt, int size) {
    return new WorkflowEvent.GraphOpened(
        N0, attempt, Values.NONE, new Subgraph.ArrayElements(size), AttemptSummary.NONE, at(1));
  }

  private static Changes changes(PlanNode element, WorkflowEvent... step) {
    var batch = new RowBatch();
    batch.add(
        RowChanges.of(
            execution(), plan(element), PlanNodes.WITHOUT_DYNAMIC, 1, Arrays.asList(step)));
    return batch.changes();
  }

  private static Plan plan(PlanNode element) {
    var array =
        new NodeKind.Array(
            element,
            OptionalInt.of(0),
            OptionalInt.empty(),
            1,
            Set.of(),
            NodeKind.Array.Encoding.ARRAY_NODE);
    return io.turboprop.workflow.plan.TestingPlans.plan(
        List.of(new PlanNode("n0", "", array, List.of(), NodePolicy.DEFAULT)),
        Map.of(),
        FailurePolicy.FAIL_IMMEDIATELY);
  }

  private static AcceptedExecution execution() {
    return new AcceptedExecution(
        new ExecutionId("p", "d", "e"),
        7,
        "digest",
        Values.NONE,
        ExecutionSettings.DEFAULT,
        ByteString.EMPTY,
        at(0),
        0,
        List.of());
  }

  private static Instant at(int seconds) {
    return Instant.ofEpochSecond(1_000_000 + seconds);
  }
}
