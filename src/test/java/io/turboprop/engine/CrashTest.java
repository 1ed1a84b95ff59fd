package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.Identifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of the engine while executions are under way. */
@Tag("integration")
class CrashTest {
  private static final int EXECUTIONS = 150;
  private static final int AT_ONCE = 50;
  private static final int KILLS = 3;
  private static final long SEED = 20_261;
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Ten steps; those that sleep are what most kills hit. */
  private static final List<Duration> STEPS =
      IntStream.range(0, 10).mapToObj(step -> Duration.ofMillis(step % 3 == 1 ? 100 : 0)).toList();

  @TempDir private Path folder;

  @Test
  void everyStepOfEveryExecutionIsDoneOnceWheneverTheEngineIsKilled() throws Exception {
    try (var engine = new EngineProcess(folder).start()) {
      runWhileKilled(engine);
      assertThat(engine.stop()).isIn(0, 143);
      try (var history = History.of(engine)) {
        assertThat(history.unfinished()).isZero();
        names().forEach(history::requireEachStepOnce);
      }
    }
  }

  private static void runWhileKilled(EngineProcess engine) throws Exception {
    try (var client = new EngineClient(engine);
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var launchPlan = new EchoWorkflows(client).chain("chain", STEPS);
      var places = new Semaphore(AT_ONCE);
      var submission = threads.submit(() -> submitAll(client, launchPlan, places));
      var progress = new Progress(client, places);
      // An exact moment means nothing from run to run; how much has been done does.
      for (int done : new Random(SEED).ints(KILLS, 0, EXECUTIONS - AT_ONCE).sorted().toArray()) {
        progress.await(done);
        engine.kill();
        engine.start();
        client.reconnect();
      }
      progress.await(EXECUTIONS);
      submission.get(1, TimeUnit.MINUTES);
      assertThat(client.list().orElseThrow())
          .hasSize(EXECUTIONS)
          .allMatch(execution -> execution.getClosure().getPhase() == Phase.SUCCEEDED);
    }
  }

  private static Void submitAll(EngineClient client, Identifier launchPlan, Semaphore places)
      throws InterruptedException {
    for (var name : names()) {
      places.acquire();
      client.createSurely(name, launchPlan, EchoWorkflows.inputs(1));
    }
    return null;
  }

  private static List<String> names() {
    return IntStream.range(0, EXECUTIONS).mapToObj("killed-%03d"::formatted).toList();
  }

  /** How many executions have ended; each that has makes place for another one. */
  private static final class Progress {
    private final EngineClient client;
    private final Semaphore places;
    private int ended;

    Progress(EngineClient client, Semaphore places) {
      this.client = client;
      this.places = places;
    }

    void await(int wanted) {
      Facts.await(wanted + " executions ended", PATIENCE, () -> look() >= wanted);
    }

    private int look() {
      client
          .list()
          .ifPresent(executions -> {
            var now =
                (int)
                    executions.stream()
                        .filter(
                            execution -> EngineClient.isFinal(execution.getClosure().getPhase()))
                        .count();
            places.release(now - ended);
            ended = now;
          });
      return ended;
    }
  }
}
