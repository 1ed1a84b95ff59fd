package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.admin.NodeExecutionOuterClass.NodeExecutionGetRequest;
import flyteidl.core.Execution.NodeExecution;
import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.NodeExecutionIdentifier;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.turboprop.engine.EchoKinds.Kind;
import io.turboprop.engine.EchoKinds.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * kill -9 of the engine in the middle of a node of each kind: twice, each time when all of them are
 * under way. Each ends as it does undisturbed.
 */
@Tag("integration")
class EveryKindCrashTest {
  /** Long enough for all kinds to be met asleep together. */
  private static final Duration SLEEP = Duration.ofSeconds(8);

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Of nine kinds, one of which starts two others, undisturbed and killed. */
  private static final int EXECUTIONS = 2 * (9 + 2);

  private static final String KILLED = "k-";
  private static final String UNDISTURBED = "u-";

  private static final Set<NodeExecution.Phase> BEGUN =
      EnumSet.of(NodeExecution.Phase.RUNNING, NodeExecution.Phase.SUCCEEDED);

  private static final Map<String, Account> ACCOUNTS = new HashMap<>();

  @TempDir private static Path folder;
  private static EngineProcess engine;
  private static History history;

  @BeforeAll
  static void runAllKinds() throws Exception {
    engine = new EngineProcess(folder).start();
    try (var client = new EngineClient(engine)) {
      var kinds = new EchoKinds(client, SLEEP).all();
      start(client, KILLED, kinds);
      for (var place : List.<Function<Kind, Place>>of(Kind::first, Kind::second)) {
        kinds.forEach(kind -> awaitBegun(client, kind, place.apply(kind)));
        requireUnderWay(client, kinds);
        engine.kill();
        engine.start();
        client.reconnect();
      }
      start(client, UNDISTURBED, kinds);
      for (var run : List.of(KILLED, UNDISTURBED)) {
        client.signal(run + "signal", "value", EchoWorkflows.integer(5));
        kinds.forEach(kind -> client.awaitEnd(run + kind.name()));
        kinds.forEach(
            kind -> ACCOUNTS.put(run + kind.name(), Account.of(client, run + kind.name())));
      }
    }
    assertThat(engine.stop()).isIn(0, 143);
    history = History.of(engine);
  }

  @AfterAll
  static void close() throws InterruptedException {
    if (history != null) {
      history.close();
    }
    engine.close();
  }

  @ParameterizedTest
  @CsvSource({
    "task, SUCCEEDED",
    "branch, SUCCEEDED",
    "inner, SUCCEEDED",
    "dynamic, SUCCEEDED",
    "array, SUCCEEDED",
    "plan, SUCCEEDED",
    "signal, SUCCEEDED",
    "sleep, SUCCEEDED",
    "failure, FAILED"
  })
  void theEndIsTheSameAsWithoutAKill(String kind, Phase end) {
    assertThat(ACCOUNTS.get(KILLED + kind)).isEqualTo(ACCOUNTS.get(UNDISTURBED + kind));
    assertThat(ACCOUNTS.get(KILLED + kind).phase()).isEqualTo(end);
  }

  @Test
  void noExecutionIsStartedTwiceAndNoNodeSucceedsTwice() {
    assertThat(history.executions()).hasSize(EXECUTIONS);
    history.executions().forEach(history::requireNothingTwice);
    assertThat(engine.log()).doesNotContain(" ERROR ");
  }

  private static void start(EngineClient client, String run, List<Kind> kinds) {
    kinds.forEach(kind -> client.create(run + kind.name(), kind.launchPlan(), kind.inputs()));
  }

  private static void awaitBegun(EngineClient client, Kind kind, Place place) {
    var node =
        NodeExecutionIdentifier.newBuilder()
            .setExecutionId(EngineClient.id(KILLED + kind.name() + place.execution()))
            .setNodeId(place.node())
            .build();
    Facts.await(
        "%s of %s begun".formatted(place, kind.name()), PATIENCE, () -> hasBegun(client, node));
  }

  /** Else the sleeps are too short for this machine, and the kill would prove nothing. */
  private static void requireUnderWay(EngineClient client, List<Kind> kinds) {
    for (var kind : kinds) {
      var phase = client.phase(KILLED + kind.name());
      assertThat(EngineClient.isFinal(phase)).as("%s is %s", kind.name(), phase).isFalse();
    }
  }

  private static boolean hasBegun(EngineClient client, NodeExecutionIdentifier node) {
    try {
      var request = NodeExecutionGetRequest.newBuilder().setId(node).build();
      return BEGUN.contains(client.admin().getNodeExecution(request).getClosure().getPhase());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }
}
