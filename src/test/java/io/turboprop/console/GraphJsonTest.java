package io.turboprop.console;

import static io.turboprop.workflow.plan.TestingPlans.array;
import static io.turboprop.workflow.plan.TestingPlans.branch;
import static io.turboprop.workflow.plan.TestingPlans.flow;
import static io.turboprop.workflow.plan.TestingPlans.reading;
import static io.turboprop.workflow.plan.TestingPlans.subWorkflow;
import static io.turboprop.workflow.plan.TestingPlans.task;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.turboprop.workflow.plan.Graph;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GraphJsonTest {

  @Test
  void nodesAreColumnsAndEdgesPairsOfTheirNumbers() throws IOException {
    var root = root(flow(task("a"), reading(task("b"), List.of("a"))));
    assertThat(root.path("id").toString()).isEqualTo("[\"start-node\",\"end-node\",\"a\",\"b\"]");
    assertThat(root.path("kind").toString()).isEqualTo("[\"start\",\"end\",\"task\",\"task\"]");
    assertThat(root.path("edges").toString()).isEqualTo("[0,2,2,3,3,1]");
    assertThat(root.path("failureNode").asInt()).isEqualTo(-1);
  }

  @Test
  void nodesOfOneEntityShareItsNumber() throws IOException {
    var json =
        read(
            flow(task("a"), subWorkflow("s", flow(task("a"), task("b")))),
            new GraphJson.Made("a", 1, flow(task("b"))));
    assertThat(json.path("root").path("entity").toString()).isEqualTo("[-1,-1,0,1]");
    assertThat(json.path("root").path("details").path("3").path("graph").path("entity").toString())
        .isEqualTo("[-1,-1,0,2]");
    assertThat(json.path("made").path(0).path("graph").path("entity").toString())
        .isEqualTo("[-1,-1,2]");
    assertThat(json.path("made").path(0).path("attempt").asInt()).isEqualTo(1);
    assertThat(json.path("entities").size()).isEqualTo(3);
  }

  @Test
  void branchesAndArraysHaveWhatIsInside() throws IOException {
    var root =
        root(
            flow(
                branch("c", List.of("x"), Optional.of("no"), task("yes"), task("no")),
                array("m", 2)));
    assertThat(root.path("details").path("2").path("graph").path("id").toString())
        .isEqualTo("[\"yes\",\"no\"]");
    assertThat(root.path("details").path("2").path("arms").path("no").asText())
        .isEqualTo("otherwise");
    assertThat(root.path("details").path("2").path("arms").path("yes").asText()).contains("x");
    assertThat(root.path("details").path("3").path("element").asText()).isEqualTo("task");
  }

  private static JsonNode root(Graph graph) throws IOException {
    return read(graph).path("root");
  }

  private static JsonNode read(Graph graph, GraphJson.Made... made) throws IOException {
    return new ObjectMapper().readTree(JsonAnswer.text(GraphJson.of(graph, List.of(made))));
  }
}
