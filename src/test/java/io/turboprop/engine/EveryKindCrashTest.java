package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Execution.WorkflowExecution.Phase;
import io.turboprop.engine.EchoKinds.Kind;
import io.turboprop.engine.EchoKinds.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  /**
   * Long enough for all kinds to be met asleep together, on a machine that starts an engine in half
   * of it.
   */
  private static final Duration LEAST_SLEEP = Duration.ofSeconds(5);

  /** Of nine kinds, one of which starts two others, undisturbed and killed. */
  private static final int EXECUTIONS = 2 * (9 + 2);

  private static final String KILLED = "k-";
  private static final String UNDISTURBED = "u-";

  private static final Map<String, Account> ACCOUNTS = new HashMap<>();

  @TempDir private static Path folder;
  private static EngineProcess engine;
  private static History history;

  @BeforeAll
  static void runAllKinds() throws Exception {
    var begin = System.nanoTime();
    engine = new EngineProcess(folder).start();
    var start = Duration.ofNanos(System.nanoTime() - begin);
    var sleep = Collections.max(List.of(LEAST_SLEEP, start.multipliedBy(2)));
    try (var client = new EngineClient(engine)) {
      var kinds = new EchoKinds(client, sleep).all();
      var killed = new RunningKinds(client, KILLED, kinds).start();
      for (var node : List.<Function<Kind, Place>>of(Kind::first, Kind::second)) {
        killed.awaitBegun(node);
        engine.kill();
        engine.start();
        client.reconnect();
      }
      var undisturbed = new RunningKinds(client, UNDISTURBED, kinds).start();
      killed.awaitEnd();
      undisturbed.awaitEnd();
      for (var run : List.of(KILLED, UNDISTURBED)) {
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
}
