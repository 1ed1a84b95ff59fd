package io.turboprop.execution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.turboprop.data.NodePath;
import io.turboprop.execution.BegunNodes.BegunNode;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nodes that FlytePropeller has run, found in the status of their resource. */
class BegunNodesTest {
  private static final String STATUS =
      """
      {"phase": 1, "dataDir": "s3://b/metadata/propeller/p-d-x", "nodeStatus": {
        "start-node": {"phase": 5},
        "done": {"phase": 5, "attempts": 2},
        "running": {"phase": 2},
        "inner": {"phase": 2, "attempts": 1, "subNodeStatus": {"a": {"phase": 5}, "b": {"phase": 1}}},
        "dynamic": {"phase": 11, "subNodeStatus": {"dynamic-node": {"phase": 11, "subNodeStatus": {
          "d": {"phase": 12, "attempts": 3}}}}},
        "choice": {"phase": 2, "branchStatus": {"phase": 1, "finalNodeId": "arm"}},
        "arm": {"phase": 5, "parentNode": "choice"},
        "ended": {"phase": 5, "attempts": 1}}}
      """;

  private static Optional<BegunNode> find(String path) {
    try {
      return new BegunNodes(new ObjectMapper().readTree(STATUS)).find(new NodePath(path));
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "done, done/data, 2, true",
    "running, running/data, 0, false",
    "inner/0/a, inner/data/1/a, 0, true",
    "inner/0/b, inner/data/1/b, 0, false",
    "dynamic/0/d, dynamic/data/0/d, 3, true",
    "choice/0/arm, choice/data/0/arm, 0, true"
  })
  void nodesAndTheirFiles(String path, String data, int attempt, boolean succeeded) {
    var node = find(path).orElseThrow();

    assertThat(node.data().uri()).isEqualTo("s3://b/metadata/propeller/p-d-x/" + data);
    assertThat(node.attempt()).hasValue(attempt);
    assertThat(node.hasSucceeded()).isEqualTo(succeeded);
  }

  @Test
  void ofWhatIsInsideOfASucceededNodeOnlyThePlaceIsKnown() {
    var node = find("ended/0/a").orElseThrow();

    assertThat(node.data().uri()).endsWith("/ended/data/1/a");
    assertThat(node.attempt()).isEmpty();
    assertThat(node.hasSucceeded()).isTrue();
  }

  @Test
  void whatHadNotBegunIsUnknown() {
    assertThat(find("later")).isEmpty();
    assertThat(find("running/0/a")).isEmpty();
    assertThat(find("ended/0/a/0/deeper")).isEmpty();
  }

  @Test
  void aGraphThatRunsIsKnown() {
    assertThat(find("dynamic").orElseThrow().isDynamic()).isTrue();
    assertThat(find("done").orElseThrow().isDynamic()).isFalse();
  }
}
