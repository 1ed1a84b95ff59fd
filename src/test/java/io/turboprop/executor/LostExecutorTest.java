package io.turboprop.executor;

import static io.turboprop.store.jooq.Tables.EXECUTOR;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import flyteidl.core.Tasks.Container;
import flyteidl.core.Tasks.TaskTemplate;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.turboprop.data.FolderDataStore;
import io.turboprop.event.TestingPlans;
import io.turboprop.executor.v1.AttemptRequest;
import io.turboprop.metric.Meters;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.Running;
import io.turboprop.plugin.TaskTransition.Succeeded;
import io.turboprop.postgres.PostgresServer;
import io.turboprop.store.AcceptanceTables;
import io.turboprop.store.AttemptTables;
import io.turboprop.store.Database;
import io.turboprop.store.Sharing;
import io.turboprop.store.TestingDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two executors in JVMs of their own, with real processes, of which one is killed or stands still.
 * The tasks themselves write when they run, so that it can be seen that no task runs twice at once.
 */
@Tag("integration")
@Timeout(240)
class LostExecutorTest {
  private static final List<String> TASKS = List.of("a", "b", "c", "d");

  /** Writes its attempt and the time, twenty times a second, and ends when it is told to. */
  private static final String SCRIPT =
      """
      until [ -e %1$s/end ]; do
        echo "%2$s $(date +%%s%%N)" >>%1$s/%3$s.log
        sleep 0.05
      done
      """;

  @TempDir private Path folder;

  private final PostgresServer.External address =
      (PostgresServer.External) TestingDatabase.settings().server();
  private final Database database =
      Database.open(TestingDatabase.settings(address), Sharing.CLUSTER);
  private final AttemptTables attempts = new AttemptTables(database);
  private final ExecutorService blocking = Executors.newVirtualThreadPerTaskExecutor();
  private final QueuedPlugin owner = new QueuedPlugin("local", attempts, new LostNews(), blocking);
  private final AttemptSweep sweep =
      new AttemptSweep(
          attempts,
          new TestingWorkflows(_ -> {}),
          ExecutorProcess.SETTINGS,
          new Meters(new SimpleMeterRegistry()));
  private final Map<String, Integer> attempt = new HashMap<>();
  private final List<ExecutorProcess> executors = new ArrayList<>();
  private FolderDataStore store;

  @BeforeEach
  void accept() throws IOException {
    store = FolderDataStore.open(folder.resolve("store"), List.of(), false);
    var _ =
        new AcceptanceTables(database)
            .accept(TestingPlans.execution("e", Instant.EPOCH))
            .orElseThrow();
    TASKS.forEach(task -> attempt.put(task, 0));
  }

  @AfterEach
  void close() throws Exception {
    Files.createFile(folder.resolve("end"));
    for (var executor : executors) {
      executor.close();
    }
    sweep.close();
    database.close();
    blocking.close();
  }

  @Test
  void theTasksOfAKilledExecutorRunElsewhereAndNeverTwiceAtOnce() throws Exception {
    var one = start("one");
    awaitAllRunning(0);
    start("two");
    one.signal("KILL");
    awaitAllRunning(1);
    requireNoneTwiceAtOnce();
  }

  @Test
  void anExecutorThatStandsStillHasLostItsTasksAndBeginsAnew() throws Exception {
    var one = start("one");
    awaitAllRunning(0);
    one.signal("STOP");
    start("two");
    awaitAllRunning(1);
    var session = sessionOf("one");
    one.signal("CONT");
    while (sessionOf("one") == session) {
      pause();
    }
    requireNoneTwiceAtOnce();
  }

  private long sessionOf(String node) {
    return database
        .sql()
        .select(EXECUTOR.SESSION)
        .from(EXECUTOR)
        .where(EXECUTOR.NODE.eq(node))
        .fetchSingle()
        .value1();
  }

  private static void pause() {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
  }

  private ExecutorProcess start(String name) throws Exception {
    var executor = ExecutorProcess.start(address, folder.resolve(name), folder.resolve("store"));
    executors.add(executor);
    return executor;
  }

  /** Waits until all tasks run, each at this attempt or a later one. */
  private void awaitAllRunning(int attemptMin) throws Exception {
    while (running().stream().filter(task -> attempt.get(task) >= attemptMin).count()
        < TASKS.size()) {
      pause();
    }
  }

  /**
   * Looks at all tasks as their owner does: a lost attempt is followed by the next.
   *
   * @return the tasks that run
   */
  private List<String> running() throws Exception {
    sweep.sweep();
    var running = new ArrayList<String>();
    for (var task : TASKS) {
      switch (look(task)) {
        case Running status when status.phase().number() >= 5 -> running.add(task);
        case Running _ -> {}
        case Failed(var error, _, _) -> {
          assertThat(error.code()).isEqualTo("ExecutorLost");
          attempt.merge(task, 1, Integer::sum);
        }
        case Succeeded other -> throw new AssertionError(other);
      }
    }
    return running;
  }

  private TaskTransition look(String task) throws Exception {
    return owner
        .handle(context(task), ByteString.EMPTY)
        .toCompletableFuture()
        .get(60, TimeUnit.SECONDS);
  }

  private LeasedTask context(String task) {
    var name = task + "-" + attempt.get(task);
    var base = store.base();
    var script = SCRIPT.formatted(folder, name, task);
    return new LeasedTask(
        AttemptRequest.newBuilder()
            .setProject("p")
            .setDomain("d")
            .setName("e")
            .setPath("n0")
            .setNodeId("n0")
            .setAttempt(attempt.get(task))
            .setGeneratedName(name)
            .setTemplate(
                TaskTemplate.newBuilder()
                    .setType("python-task")
                    .setContainer(Container.newBuilder().addAllArgs(List.of("sh", "-c", script))))
            .setInputsFile(base.child("inputs.pb").uri())
            .setOutputPrefix(base.child("out/" + name).uri())
            .setRawOutputPrefix(base.child("raw/" + name).uri())
            .setCheckpointPrefix(base.child("checkpoints/" + name).uri())
            .build(),
        store,
        () -> {});
  }

  /** All that an attempt has written is older than what the next attempt has written. */
  private void requireNoneTwiceAtOnce() throws IOException {
    for (var task : TASKS) {
      var first = new HashMap<String, Long>();
      var last = new HashMap<String, Long>();
      for (var line : Files.readAllLines(folder.resolve(task + ".log"))) {
        var parts = line.split(" ", -1);
        first.putIfAbsent(parts[0], Long.parseLong(parts[1]));
        last.put(parts[0], Long.parseLong(parts[1]));
      }
      var names = first.keySet().stream().sorted().toList();
      for (int i = 1; i < names.size(); i++) {
        assertThat(first.get(names.get(i)))
            .as("begin of %s", names.get(i))
            .isGreaterThan(last.get(names.get(i - 1)));
      }
    }
  }
}
