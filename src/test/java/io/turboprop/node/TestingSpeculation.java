package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import flyteidl.admin.ExecutionOuterClass.ExecutionSpec;
import flyteidl.core.Tasks.TaskTemplate;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Layout;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.NodePath;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.Progress;
import io.turboprop.workflow.Work;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One attempt of a marked task in a simulation: the {@link SpeculativePlugin} as it is, around two
 * runs that take their time and end as chance will have it. It outlives crashes of the engine, and
 * checks that an attempt that is over leaves no run behind, and that its outputs are those of a run
 * that has succeeded.
 */
public final class TestingSpeculation {
  private static final Duration USUAL = Duration.ofSeconds(1);
  private static final int WAITS_MILLIS_MAX = 1_000;
  private static final int RUNS_MILLIS_MAX = 5_000;
  private static final int LOOK_MILLIS_MAX = 2_000;
  private static final String OUTPUTS = "outputs.pb";
  private static final String ERROR = "error.pb";

  /** What a worker has seen. */
  public sealed interface Seen {
    record Runs(Progress progress, Duration lookAgain) implements Seen {}

    record Succeeded() implements Seen {}

    record Failed(ExecutionError error, boolean recoverable) implements Seen {}
  }

  private enum Which {
    FIRST,
    SECOND;

    static Which of(TaskContext task) {
      return task instanceof SecondRun ? SECOND : FIRST;
    }
  }

  private enum Phase {
    RUNNING,
    SUCCEEDED,
    FAILED,
    ABORTED
  }

  private record Run(Phase phase, Instant runsAt, Instant endsAt) {
    Run in(Phase other) {
      return new Run(other, runsAt, endsAt);
    }
  }

  private final Random random;
  private final MemoryDataStore store = new MemoryDataStore();
  private final Map<Which, Run> runs = new EnumMap<>(Which.class);
  private final TaskAttempt task;
  private final ByteString runState;
  private final TaskPlugin plugin;
  private Instant now = Instant.EPOCH;

  public TestingSpeculation(Random random, int attempt) {
    this.random = random;
    this.runState = random.nextBoolean() ? ByteString.EMPTY : ByteString.copyFromUtf8("begun");
    this.task =
        new TaskAttempt(
            TestingAssignments.of(new Work.RunNode(NodePath.root("n0"), attempt)),
            TaskTemplate.getDefaultInstance(),
            ExecutionSpec.getDefaultInstance(),
            store,
            Layout.of(store.base()),
            Optional.empty(),
            () -> {});
    InstantSource clock = () -> now;
    var durations = new TaskDurations();
    durations.add(task.template().getId(), USUAL);
    this.plugin =
        new SpeculativePlugin(
            new TwoRunsPlugin(),
            new Speculation(1, 1, Duration.ZERO, 1),
            durations,
            1_000,
            Runnable::run,
            clock.withZone(ZoneOffset.UTC));
  }

  /** A worker looks that knows of this progress. */
  public Seen look(Progress known, Instant moment) {
    now = moment;
    return switch (plugin.handle(task, known.state()).toCompletableFuture().join()) {
      case TaskTransition.Running running ->
          new Seen.Runs(
              new Progress(
                  running.phase().number(), running.version(), running.state(), ByteString.EMPTY),
              ((LookAgain.After) running.lookAgain()).delay());
      case TaskTransition.Succeeded _ -> {
        nothingRuns("after a success");
        assertThat(runs.get(maker())).extracting(Run::phase).isEqualTo(Phase.SUCCEEDED);
        yield new Seen.Succeeded();
      }
      case TaskTransition.Failed(var error, var recoverable, _) -> {
        nothingRuns("after a failure");
        yield new Seen.Failed(error, recoverable);
      }
    };
  }

  /** A worker stops the attempt, of which it knows this progress. */
  public void abort(Progress known) {
    plugin.abort(task, known.state()).toCompletableFuture().join();
    nothingRuns("after an abort");
  }

  public void atTheEnd() {
    nothingRuns("after the end of the execution");
  }

  private void nothingRuns(String when) {
    assertThat(runs.values()).as(when).extracting(Run::phase).doesNotContain(Phase.RUNNING);
  }

  /** Whose outputs those of the attempt are. */
  private Which maker() {
    try {
      assertThat(store.size(task.outputPrefix().child(ERROR))).isEmpty();
      return Which.valueOf(store.read(task.outputPrefix().child(OUTPUTS), 1_000).toStringUtf8());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class TwoRunsPlugin implements TaskPlugin {
    @Override
    public String id() {
      return "two-runs";
    }

    /** One that is gone and whose begin was recorded is not begun again. */
    @Override
    public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
      var run = runs.get(Which.of(task));
      if (run == null && !state.isEmpty()) {
        return CompletableFuture.completedFuture(failed());
      }
      var next = run == null ? begin() : run;
      if (next.phase() == Phase.RUNNING && !now.isBefore(next.endsAt())) {
        next = end(task, next);
      }
      runs.put(Which.of(task), next);
      return CompletableFuture.completedFuture(
          switch (next.phase()) {
            case RUNNING -> running(next);
            case SUCCEEDED ->
                new TaskTransition.Succeeded(new TaskTransition.Outputs.Files(), TaskInfo.NONE);
            case FAILED, ABORTED -> failed();
          });
    }

    private Run begin() {
      var runsAt = now.plusMillis(random.nextInt(WAITS_MILLIS_MAX));
      return new Run(Phase.RUNNING, runsAt, runsAt.plusMillis(random.nextInt(RUNS_MILLIS_MAX)));
    }

    private Run end(TaskContext task, Run run) {
      var succeeds = random.nextInt(3) > 0;
      write(task.outputPrefix().child(succeeds ? OUTPUTS : ERROR), Which.of(task).name());
      return run.in(succeeds ? Phase.SUCCEEDED : Phase.FAILED);
    }

    private TaskTransition running(Run run) {
      return new TaskTransition.Running(
          now.isBefore(run.runsAt()) ? TaskPhase.QUEUED : TaskPhase.RUNNING,
          0,
          runState,
          TaskInfo.NONE,
          new LookAgain.After(Duration.ofMillis(random.nextInt(LOOK_MILLIS_MAX))));
    }

    private static TaskTransition failed() {
      return new TaskTransition.Failed(
          ExecutionError.system("Code", "message"), true, TaskInfo.NONE);
    }

    /** Some write down that they were stopped. */
    @Override
    public CompletionStage<Void> abort(TaskContext task, ByteString state) {
      runs.computeIfPresent(
          Which.of(task),
          (which, run) -> {
            if (run.phase() != Phase.RUNNING) {
              return run;
            }
            if (random.nextBoolean()) {
              write(task.outputPrefix().child(ERROR), which.name());
            }
            return run.in(Phase.ABORTED);
          });
      return CompletableFuture.completedFuture(null);
    }

    /** Nothing is left of it: it may be begun again. */
    @Override
    public CompletionStage<Void> finish(TaskContext task, ByteString state) {
      nothingRunsOf(Which.of(task));
      runs.remove(Which.of(task));
      return CompletableFuture.completedFuture(null);
    }

    private void nothingRunsOf(Which which) {
      assertThat(Optional.ofNullable(runs.get(which)).map(Run::phase))
          .as("a run that is cleaned up")
          .isNotEqualTo(Optional.of(Phase.RUNNING));
    }

    private void write(DataReference file, String text) {
      try {
        store.write(file, ByteString.copyFromUtf8(text));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
