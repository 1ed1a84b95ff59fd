package io.turboprop.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.TaskExecution;
import flyteidl.core.Execution.WorkflowExecution;
import io.turboprop.data.EntityId;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.NodePath;
import io.turboprop.store.ResourceTables.Behind;
import io.turboprop.store.ResourceTables.Resource;
import io.turboprop.store.ResourceTables.StatusNode;
import io.turboprop.store.Timestamps;
import io.turboprop.workflow.plan.NodeKind;
import io.turboprop.workflow.plan.TaskOverrides;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatusDocumentTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:01.9Z");
  private static final Instant END = Instant.parse("2026-01-01T00:00:09.2Z");
  private static final int ROOM = 100_000;

  private static Behind execution(
      WorkflowExecution.Phase phase, @Nullable ExecutionError error, @Nullable String parked) {
    var ended = StatusPhases.isTerminal(StatusPhases.workflow(phase));
    return new Behind(
        new Resource("u", "ns", "ex"),
        100,
        1,
        new ExecutionId("p", "d", "ex"),
        "digest",
        7,
        phase.getNumber(),
        ended,
        new Timestamps(START, START, END, ended ? END : null),
        null,
        error,
        "by hand",
        parked);
  }

  private static StatusNode node(String id, String path, NodeExecution.Phase phase) {
    return node(id, path, phase, null);
  }

  private static StatusNode node(
      String id, String path, NodeExecution.Phase phase, @Nullable ExecutionError error) {
    var ended = StatusPhases.isTerminalNode(StatusPhases.node(phase));
    var parts = id.split("-0-");
    var parent = parts.length < 2 ? null : id.substring(0, id.lastIndexOf("-0-"));
    return new StatusNode(
        id,
        new NodePath(path),
        parent,
        phase.getNumber(),
        0,
        new Timestamps(START, START, END, ended ? END : null),
        error,
        ended ? null : TaskExecution.Phase.RUNNING_VALUE,
        2);
  }

  private static NodeKind task() {
    return new NodeKind.Task(
        new EntityId(EntityId.Kind.TASK, "p", "d", "t", "v"), TaskOverrides.NONE);
  }

  private static JsonObject status(
      Behind execution, List<StatusNode> nodes, Map<String, NodeKind> kinds, int bytesMax) {
    return StatusDocument.of(
        execution,
        nodes,
        nodes.size(),
        path -> Optional.ofNullable(kinds.get(path.text())),
        "s3://b/ex",
        bytesMax);
  }

  @ParameterizedTest
  @CsvSource({
    "UNDEFINED, 0",
    "QUEUED, 0",
    "RUNNING, 1",
    "ABORTING, 1",
    "SUCCEEDING, 2",
    "SUCCEEDED, 3",
    "FAILING, 4",
    "FAILED, 5",
    "TIMED_OUT, 5",
    "ABORTED, 6"
  })
  void phasesOfWorkflows(WorkflowExecution.Phase phase, int number) {
    assertThat(status(execution(phase, null, null), List.of(), Map.of(), ROOM).get("phase"))
        .hasToString(Integer.toString(number));
  }

  @ParameterizedTest
  @CsvSource({
    "UNDEFINED, 0",
    "QUEUED, 1",
    "RUNNING, 2",
    "FAILING, 3",
    "SUCCEEDED, 5",
    "FAILED, 6",
    "ABORTED, 6",
    "SKIPPED, 7",
    "TIMED_OUT, 10",
    "DYNAMIC_RUNNING, 11",
    "RECOVERED, 12"
  })
  void phasesOfNodes(NodeExecution.Phase phase, int number) {
    assertThat(StatusPhases.node(phase)).isEqualTo(number);
  }

  @ParameterizedTest
  @CsvSource({
    "UNDEFINED, 0",
    "WAITING_FOR_RESOURCES, 2",
    "QUEUED, 3",
    "INITIALIZING, 4",
    "RUNNING, 5",
    "SUCCEEDED, 6",
    "RETRYABLE_FAILED, 7",
    "FAILED, 8",
    "ABORTED, 10"
  })
  void phasesOfTasks(TaskExecution.Phase phase, int number) {
    assertThat(StatusPhases.task(phase)).isEqualTo(number);
  }

  @Test
  void whatRunsHasAllItsTimesAndWhatHasEndedOnlyItsEnd() {
    var status =
        status(
            execution(WorkflowExecution.Phase.RUNNING, null, null),
            List.of(
                node("n1", "n1", NodeExecution.Phase.RUNNING),
                node("n0", "n0", NodeExecution.Phase.SUCCEEDED)),
            Map.of("n1", task(), "n0", task()),
            ROOM);

    assertThat(status)
        .isEqualTo(
            JsonParser.parseString(
                """
                {phase: 1, startedAt: "2026-01-01T00:00:01Z", lastUpdatedAt: "2026-01-01T00:00:09Z",
                 dataDir: "s3://b/ex", defVersion: 1,
                 nodeStatus: {
                   n0: {phase: 5, stoppedAt: "2026-01-01T00:00:09Z"},
                   n1: {phase: 2, queuedAt: "2026-01-01T00:00:01Z", startedAt: "2026-01-01T00:00:01Z",
                        laStartedAt: "2026-01-01T00:00:01Z", lastUpdatedAt: "2026-01-01T00:00:09Z",
                        TaskNodeStatus: {phase: 5, phaseVersion: 2, updAt: "2026-01-01T00:00:09.200Z"}}}}
                """));
  }

  @Test
  void whatHasFailedSaysWhy() {
    var error = ExecutionError.user("USER:ValueError", "no such column");
    var status =
        status(
            execution(WorkflowExecution.Phase.FAILED, error, null),
            List.of(node("n0", "n0", NodeExecution.Phase.FAILED, error)),
            Map.of("n0", task()),
            ROOM);

    assertThat(status.get("message").getAsString()).isEqualTo("no such column");
    var expected =
        JsonParser.parseString(
            "{code: 'USER:ValueError', message: 'no such column', kind: 'USER'}");
    assertThat(status.get("error")).isEqualTo(expected);
    assertThat(status.getAsJsonObject("nodeStatus").getAsJsonObject("n0").get("error"))
        .isEqualTo(expected);
  }

  @Test
  void whatWasAbortedAndWhatIsParkedSayWhy() {
    var aborted =
        status(execution(WorkflowExecution.Phase.ABORTED, null, null), List.of(), Map.of(), ROOM);
    var parked =
        status(
            execution(WorkflowExecution.Phase.RUNNING, null, "unknown event 99"),
            List.of(),
            Map.of(),
            ROOM);

    assertThat(aborted.get("message").getAsString()).isEqualTo("by hand");
    assertThat(parked.get("message").getAsString()).contains("parked", "unknown event 99");
  }

  @Test
  void nodesInsideOfADynamicNodeAreBelowTheNodeThatFlytePropellerPutsThere() {
    var status =
        status(
            execution(WorkflowExecution.Phase.RUNNING, null, null),
            List.of(
                node("n0-0-d0", "n0/0/d0", NodeExecution.Phase.RUNNING),
                node("n0", "n0", NodeExecution.Phase.DYNAMIC_RUNNING)),
            Map.of("n0", task(), "n0/0/d0", task()),
            ROOM);

    var around = status.getAsJsonObject("nodeStatus").getAsJsonObject("n0");
    assertThat(around.getAsJsonObject("dynamicNodeStatus").get("phase").getAsInt()).isEqualTo(1);
    var dynamic = around.getAsJsonObject("subNodeStatus").getAsJsonObject("dynamic-node");
    assertThat(dynamic.get("parentNode").getAsString()).isEqualTo("n0");
    assertThat(dynamic.getAsJsonObject("subNodeStatus").getAsJsonObject("d0").get("phase"))
        .hasToString("2");
  }

  @Test
  void whatHasNoRoomIsLeftOutAndCounted() {
    var nodes =
        IntStream.range(0, 500)
            .mapToObj(i -> node("n" + i, "n" + i, NodeExecution.Phase.SUCCEEDED))
            .toList();
    var status =
        status(execution(WorkflowExecution.Phase.RUNNING, null, null), nodes, Map.of(), 10_000);

    var shown = status.getAsJsonObject("nodeStatus").size();
    assertThat(status.toString()).hasSizeLessThan(10_000);
    assertThat(shown).isBetween(100, 499);
    assertThat(status.getAsJsonObject("nodeStatus").has("n0")).isTrue();
    assertThat(status.get("message").getAsString())
        .isEqualTo((500 - shown) + " nodes are left out of this status, which would be too large");
  }

  @Test
  void aLongErrorFitsIntoASmallStatus() {
    var error = ExecutionError.user("Error", "é".repeat(100_000));
    var status =
        status(
            execution(WorkflowExecution.Phase.FAILED, error, null),
            List.of(node("n0", "n0", NodeExecution.Phase.FAILED, error)),
            Map.of("n0", task()),
            1024);

    assertThat(status.toString().getBytes(StandardCharsets.UTF_8).length).isLessThan(1024);
  }
}
