package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Execution.WorkflowExecution.Phase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine's own PostgreSQL is killed, and told to stop, while executions are under way. */
@Tag("integration")
class DatabaseOutageTest {
  private static final List<String> NAMES =
      IntStream.range(0, 100).mapToObj("outage-%03d"::formatted).toList();
  private static final List<Duration> STEPS =
      IntStream.range(0, 10).mapToObj(step -> Duration.ofMillis(step % 2 * 300)).toList();
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @TempDir private Path folder;

  @Test
  void whatWasAcceptedGoesOnOnceTheDatabaseIsBack() throws Exception {
    try (var engine = new EngineProcess(folder).start()) {
      try (var client = new EngineClient(engine)) {
        var launchPlan = new EchoWorkflows(client).chain("chain", STEPS);
        NAMES.forEach(name -> client.createSurely(name, launchPlan, EchoWorkflows.inputs(1)));
        var first = server().orElseThrow();
        assertThat(first.destroyForcibly()).isTrue();
        awaitSuccessorOf(first);
        var second = server().orElseThrow();
        assertThat(second.destroy()).isTrue();
        awaitSuccessorOf(second);

        Facts.await("all executions ended", PATIENCE, () -> haveEnded(client));
        assertThat(client.list().orElseThrow())
            .hasSameSizeAs(NAMES)
            .allMatch(execution -> execution.getClosure().getPhase() == Phase.SUCCEEDED);
      }
      assertThat(engine.stop()).isIn(0, 143);
      try (var history = History.of(engine)) {
        NAMES.forEach(history::requireEachStepOnce);
      }
    }
  }

  private static boolean haveEnded(EngineClient client) {
    return client
        .list()
        .filter(
            all -> all.stream().allMatch(one -> EngineClient.isFinal(one.getClosure().getPhase())))
        .isPresent();
  }

  private void awaitSuccessorOf(ProcessHandle ended) {
    Facts.await(
        "another server serves",
        PATIENCE,
        () -> server().filter(now -> !now.equals(ended)).isPresent());
  }

  /** The server that serves now, if any. */
  private Optional<ProcessHandle> server() {
    try {
      var lines =
          Files.readAllLines(
              folder
                  .resolve("data")
                  .resolve("postgresql")
                  .resolve("pgdata")
                  .resolve("postmaster.pid"));
      return lines.stream().map(String::strip).anyMatch("ready"::equals)
          ? ProcessHandle.of(Long.parseLong(lines.getFirst().strip()))
          : Optional.empty();
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
