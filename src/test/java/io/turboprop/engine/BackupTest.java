package io.turboprop.engine;

import static org.assertj.core.api.Assertions.assertThat;

import flyteidl.core.Execution.WorkflowExecution.Phase;
import flyteidl.core.IdentifierOuterClass.Identifier;
import flyteidl.core.IdentifierOuterClass.ResourceType;
import flyteidl.core.Literals.LiteralMap;
import io.turboprop.TestingCommand;
import io.turboprop.postgres.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code deploy/BACKUP.md} says, done: a dump and a copy under load, restored elsewhere. */
@Tag("integration")
class BackupTest {
  private static final List<String> ACCEPTED_BEFORE =
      IntStream.range(0, 40).mapToObj("before-%02d"::formatted).toList();

  /** Some executions have ended when the dump begins, others have not. */
  private static final List<Duration> STEPS =
      IntStream.range(0, 4).mapToObj(step -> Duration.ofMillis(step % 2 * 400)).toList();

  /** Inputs and outputs that lie in the blob store, not in the database. */
  private static final LiteralMap LARGE = EchoWorkflows.integers(1_000);

  @TempDir private Path folder;

  @Test
  void whatWasAcceptedBeforeTheDumpEndsAfterTheRestore() throws Exception {
    var backup = folder.resolve("backup");
    var dump = folder.resolve("turboprop.dump").toString();
    try (var postgres = MachinePostgres.start(folder)) {
      postgres.client("createdb", "original").succeed();
      try (var engine = engine(postgres, "original").start();
          var client = new EngineClient(engine);
          var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var workflows = new EchoWorkflows(client);
        var launchPlan = workflows.chain("chain", STEPS);
        client.create("large", workflows.map("map", Duration.ZERO, 0), LARGE);
        client.awaitEnd("large");
        assertThat(blobs(engine)).as("blobs of large values").isPositive();
        ACCEPTED_BEFORE.forEach(name -> client.create(name, launchPlan, EchoWorkflows.inputs(7)));
        var done = new AtomicBoolean();
        var load = threads.submit(() -> createUntil(done, client, launchPlan));

        postgres.client("pg_dump", "--format=custom", "--file=" + dump, "original").succeed();
        TestingCommand.of("cp", "-r", "" + engine.data(), "" + backup).succeed();

        done.set(true);
        assertThat(load.get()).as("executions accepted during the dump").isPositive();
      }
      // Rows refer to blobs by their URI, so that the copy has to lie where the original was.
      Folders.delete(folder.resolve("data"));
      Files.move(backup, folder.resolve("data"));
      postgres.client("createdb", "restored").succeed();
      postgres.client("pg_restore", "--dbname=restored", "--exit-on-error", dump).succeed();
      try (var engine = engine(postgres, "restored").start();
          var client = new EngineClient(engine)) {
        for (var name : ACCEPTED_BEFORE) {
          assertThat(client.awaitEnd(name).getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
          assertThat(client.outputs(name)).isEqualTo(EchoWorkflows.inputs(7));
        }
        client.create(
            "new", EchoWorkflows.id(ResourceType.LAUNCH_PLAN, "chain"), EchoWorkflows.inputs(8));
        assertThat(client.awaitEnd("new").getClosure().getPhase()).isEqualTo(Phase.SUCCEEDED);
      }
    }
  }

  private static long blobs(EngineProcess engine) throws IOException {
    try (var paths = Files.walk(engine.data().resolve("blobs"))) {
      return paths.filter(Files::isRegularFile).count();
    }
  }

  private EngineProcess engine(MachinePostgres postgres, String database) throws IOException {
    var settings = Files.writeString(folder.resolve("engine.conf"), postgres.settings(database));
    return new EngineProcess(folder, "--config", settings.toString());
  }

  /**
   * @return how many were accepted
   */
  private static int createUntil(AtomicBoolean done, EngineClient client, Identifier launchPlan) {
    var accepted = 0;
    while (!done.get()) {
      client.create("during-" + accepted, launchPlan, EchoWorkflows.inputs(7));
      accepted++;
    }
    return accepted;
  }
}
