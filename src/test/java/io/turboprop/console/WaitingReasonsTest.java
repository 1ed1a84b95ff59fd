package io.turboprop.console;

import static io.turboprop.workflow.plan.TestingPlans.flow;
import static io.turboprop.workflow.plan.TestingPlans.plan;
import static io.turboprop.workflow.plan.TestingPlans.subWorkflow;
import static io.turboprop.workflow.plan.TestingPlans.task;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import flyteidl.core.Execution.WorkflowExecution;
import io.turboprop.admin.transport.AdminException;
import io.turboprop.console.WaitingReasons.RunningNodes;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.store.ExecutionRow;
import io.turboprop.store.Timestamps;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.Facts;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WaitingReasonsTest {
  private static final Plan PLAN =
      plan(flow(task("a"), subWorkflow("s", flow(task("b"), subWorkflow("t", flow(task("c")))))));

  @ParameterizedTest
  @ValueSource(strings = {"s/0/b", "s/0/t", "s/0/t/0/c", "s/0/t/0/nowhere"})
  void aNodeOfAGraphThatIsNotOpenWaitsForTheNodeAroundIt(String path) {
    assertThat(nodes(Facts.started(Facts.WIDE)).reasons(new NodePath(path)))
        .singleElement()
        .satisfies(reason -> {
          assertThat(reason.kind()).isEqualTo("around");
          assertThat(reason.text()).isEqualTo("Its parent node has not started its graph yet.");
          assertThat(reason.nodes())
              .extracting(WaitingReasons.NodeSummary::path)
              .containsExactly("s");
        });
  }

  @Test
  void aNodeOfAnEndedNodesGraphDoesNotWaitForTheGraph() {
    assertThat(
            nodes(Facts.started(Facts.WIDE), Facts.queued("a"), Facts.failed("a", Facts.USER))
                .reasons(new NodePath("a/0/n0")))
        .singleElement()
        .satisfies(reason -> assertThat(reason.text()).isEqualTo("Its parent node has ended."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nowhere", "nowhere/0/b", "s/0/nowhere", "s/0/nowhere/0/c"})
  void aNodeThatTheGraphsCantHaveIsNotFound(String path) {
    var nodes = nodes(Facts.started(Facts.WIDE));
    assertThatThrownBy(() -> nodes.reasons(new NodePath(path)))
        .isInstanceOf(AdminException.class)
        .hasMessageContaining("there is no node " + path);
  }

  private static RunningNodes nodes(WorkflowEvent... events) {
    WorkflowState state = new WorkflowState.NotStarted(_ -> PLAN);
    for (var event : events) {
      state = EventApplier.evolve(state, event);
    }
    return new RunningNodes(row(), (WorkflowState.Running) state, (_, _) -> Optional.empty());
  }

  private static ExecutionRow row() {
    var accepted =
        new AcceptedExecution(
            new ExecutionId("p", "d", "e"),
            1,
            PLAN.digest(),
            Values.NONE,
            Facts.WIDE,
            ByteString.EMPTY,
            Facts.NOW,
            0,
            List.of());
    var entity = new EntityId(EntityId.Kind.WORKFLOW, "p", "d", "w", "v");
    return new ExecutionRow(
        accepted,
        entity,
        entity,
        Values.NONE,
        WorkflowExecution.Phase.RUNNING_VALUE,
        false,
        new Timestamps(Facts.NOW, Facts.NOW, Facts.NOW, null),
        null,
        null,
        null,
        false,
        null,
        null,
        false);
  }
}
