package io.turboprop.node;

import com.google.protobuf.ByteString;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Layout;
import io.turboprop.data.NodePath;
import io.turboprop.data.Values;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.entity.AcceptedExecution;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.PlanNode;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.ExecutionSettings;
import io.turboprop.workflow.state.Progress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The assignments of workers, for tests. */
final class TestingAssignments {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

  private TestingAssignments() {}

  /** The work for the task of a plan with a single node, without any recorded progress. */
  static Assignment of(Work.NodeWork work) {
    return of(work, TestingPlans.task(work.node().nodeId(), NodePolicy.DEFAULT), Map.of());
  }

  /** An attempt of a task with default settings. */
  static TaskAttempt attempt(String nodeId, int attempt, DataStore store) {
    return new TaskAttempt(
        of(new Work.RunNode(NodePath.root(nodeId), attempt)),
        TaskTemplate.getDefaultInstance(),
        ExecutionSpec.getDefaultInstance(),
        store,
        Layout.of(store.base()),
        Optional.empty(),
        Map.of(),
        () -> {});
  }

  /** The same for any node, with outputs of upstream nodes. */
  static Assignment of(Work.NodeWork work, PlanNode node, Map<String, Values> sources) {
    var plan = TestingPlans.chain(node.id());
    return new Assignment(
        new AcceptedExecution(
            new ExecutionId("p", "d", "e"),
            1,
            plan.digest(),
            Values.NONE,
            ExecutionSettings.DEFAULT,
            ByteString.EMPTY,
            AT,
            0,
            List.of()),
        plan,
        work.node(),
        work.node().nodeId(),
        node,
        work,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        sources,
        Progress.NONE,
        false,
        1,
        AT);
  }
}
