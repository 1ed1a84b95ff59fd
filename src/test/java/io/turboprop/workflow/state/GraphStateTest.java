package io.turboprop.workflow.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Graph.FailurePolicy;
import io.turboprop.workflow.plan.NodePolicy;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.plan.TestingPlans;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GraphStateTest {

  @Test
  void isAsLargeAsAllGraphsThatAreOpen() {
    var inner =
        TestingPlans.graph(
            List.of(TestingPlans.task("x", NodePolicy.DEFAULT)),
            Map.of(),
            FailurePolicy.FAIL_IMMEDIATELY);
    var graph =
        TestingPlans.graph(
            List.of(TestingPlans.subWorkflow("s", inner)),
            Map.of(),
            FailurePolicy.FAIL_IMMEDIATELY);
    var closed = GraphState.opened(graph, new Subgraph.SubWorkflow(), Values.NONE);
    assertThat(closed.size()).isEqualTo(graph.size());

    var below = GraphState.opened(inner, new Subgraph.SubWorkflow(), Values.NONE);
    var open = closed.with(graph.number("s"), NodeState.Active.first(Instant.EPOCH).with(below));
    assertThat(open.size()).isEqualTo(graph.size() + inner.size());
  }
}
