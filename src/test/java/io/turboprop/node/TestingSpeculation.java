package io.turboprop.node;

import static io.turboprop.workflow.decide.Invariants.check;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.FailingDataStore;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.state.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * Simulates an attempt of a task that may run twice: the real {@link SpeculativePlugin} around two
 * runs with random durations and results, and with random failures of calls and of the store. The
 * simulation survives crashes of the engine. It checks that an ended attempt leaves no run behind,
 * and that its outputs are those of a succeeded run.
 */
public final class TestingSpeculation {
  private static final Duration USUAL = Duration.ofSeconds(1);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(200);
  private static final int WAITS_MILLIS_MAX = 1_000;
  private static final int RUNS_MILLIS_MAX = 5_000;
  private static final int LOOK_MILLIS_MAX = 2_000;
  private static final String OUTPUTS = "outputs.pb";
  private static final String ERROR = "error.pb";

  /** The answer that a worker has received. */
  public sealed interface Seen {
    record Runs(Progress progress, Duration lookAgain) implements Seen {}

    record Succeeded() implements Seen {}

    record Failed(ExecutionError error, boolean recoverable) implements Seen {}
  }

  /**
   * The situations that the simulations together must reach, since they would otherwise test
   * nothing.
   */
  public enum Met {
    SECOND_RUN,
    SECOND_RUN_THAT_IS_NOT_RECORDED,
    SUCCESS_OF_THE_FIRST_BESIDE_THE_SECOND,
    SUCCESS_OF_THE_SECOND,
    FAILURE_OF_BOTH,
    ABORT_OF_BOTH,
    FAILED_CALL
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
  private final Map<Which, Run> runs = new EnumMap<>(Which.class);
  private final Set<Met> met = EnumSet.noneOf(Met.class);
  private final DataStore kept = new MemoryDataStore();
  private final TaskAttempt task;
  private final ByteString runState;
  private SpeculativePlugin plugin;
  private boolean finished;
  private Instant now = Instant.EPOCH;

  public TestingSpeculation(Random random, int attempt) {
    this.random = random;
    this.runState = random.nextBoolean() ? ByteString.EMPTY : ByteString.copyFromUtf8("begun");
    this.task =
        TestingAssignments.attempt(
            "n0", attempt, new FailingDataStore(kept, () -> random.nextInt(100) == 0));
    this.plugin = plugin(true);
  }

  private SpeculativePlugin plugin(boolean knowsDurations) {
    InstantSource clock = () -> now;
    var durations = new TaskDurations();
    if (knowsDurations) {
      durations.add(task.template().getId(), USUAL);
    }
    return new SpeculativePlugin(
        new TwoRunsPlugin(),
        new Speculation(1, 1, Duration.ZERO, 1),
        durations,
        Runnable::run,
        clock.withZone(ZoneOffset.UTC));
  }

  /** The situations reached so far. */
  public Set<Met> met() {
    return Collections.unmodifiableSet(met);
  }

  /** The engine restarts; it may have lost the durations of the task. */
  public void crashed() {
    plugin = plugin(random.nextBoolean());
  }

  /** A worker with this progress calls the plugin. */
  public Seen look(Progress known, Instant moment) {
    check(!finished, () -> "the attempt is looked at after it was cleaned up");
    now = moment;
    if (is(Which.SECOND, Phase.RUNNING) && TwoRuns.decode(known.state()).second().isEmpty()) {
      met.add(Met.SECOND_RUN_THAT_IS_NOT_RECORDED);
    }
    var besideEachOther = is(Which.FIRST, Phase.RUNNING) && is(Which.SECOND, Phase.RUNNING);
    var transition = call(plugin.handle(task, known.state()));
    if (transition.isEmpty()) {
      return new Seen.Runs(known, PAUSE_AFTER_FAILURE);
    }
    return switch (transition.orElseThrow()) {
      case TaskTransition.Running running ->
          new Seen.Runs(
              new Progress(
                  running.phase().number(), running.version(), running.state(), ByteString.EMPTY),
              ((LookAgain.After) running.lookAgain()).delay());
      case TaskTransition.Succeeded _ -> {
        nothingRuns("after a success");
        succeeded(maker(), besideEachOther);
        yield new Seen.Succeeded();
      }
      case TaskTransition.Failed(var error, var recoverable, _) -> {
        nothingRuns("after a failure");
        if (runs.containsKey(Which.SECOND)) {
          met.add(Met.FAILURE_OF_BOTH);
        }
        yield new Seen.Failed(error, recoverable);
      }
    };
  }

  private void succeeded(Which maker, boolean besideEachOther) {
    check(is(maker, Phase.SUCCEEDED), () -> "the outputs are those of " + maker);
    if (maker == Which.SECOND) {
      met.add(Met.SUCCESS_OF_THE_SECOND);
    } else if (besideEachOther) {
      met.add(Met.SUCCESS_OF_THE_FIRST_BESIDE_THE_SECOND);
    }
  }

  /** A worker with this progress stops the attempt, and repeats failed calls. */
  public void abort(Progress known) {
    if (is(Which.FIRST, Phase.RUNNING) && is(Which.SECOND, Phase.RUNNING)) {
      met.add(Met.ABORT_OF_BOTH);
    }
    while (call(plugin.abort(task, known.state()).thenApply(_ -> true)).isEmpty()) {
      check(!finished, () -> "the attempt is aborted after it was cleaned up");
    }
    nothingRuns("after an abort");
  }

  /** The end of the attempt has been recorded. */
  public void finish(Progress known) {
    finished = true;
    plugin.finish(task, known.state()).toCompletableFuture().join();
    check(runs.isEmpty(), () -> "the clean-up has left " + runs);
  }

  public void atTheEnd() {
    nothingRuns("after the end of the execution");
  }

  /** The answer of the call; empty if the call has failed. */
  private <T> Optional<T> call(CompletionStage<T> answer) {
    try {
      return Optional.of(answer.toCompletableFuture().join());
    } catch (CompletionException e) {
      assertThat(e).hasRootCauseInstanceOf(IOException.class);
      met.add(Met.FAILED_CALL);
      return Optional.empty();
    }
  }

  private boolean is(Which which, Phase phase) {
    return runs.get(which) instanceof Run run && run.phase() == phase;
  }

  private void nothingRuns(String when) {
    check(
        runs.values().stream().noneMatch(run -> run.phase() == Phase.RUNNING),
        () -> "a task runs " + when + ": " + runs);
  }

  /** The run that made the attempt's outputs. */
  private Which maker() {
    try {
      check(kept.size(task.outputPrefix().child(ERROR)).isEmpty(), () -> "a success has an error");
      return Which.valueOf(kept.read(task.outputPrefix().child(OUTPUTS), 1_000).toStringUtf8());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final class TwoRunsPlugin implements TaskPlugin {
    @Override
    public String id() {
      return "two-runs";
    }

    @Override
    public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
      if (fails()) {
        return CompletableFuture.failedFuture(new IOException("not now"));
      }
      var which = Which.of(task);
      var run = runs.containsKey(which) ? runs.get(which) : begin(which);
      if (run.phase() == Phase.RUNNING && !now.isBefore(run.endsAt())) {
        run = end(task, run);
      }
      runs.put(which, run);
      return CompletableFuture.completedFuture(
          switch (run.phase()) {
            case RUNNING -> running(run);
            case SUCCEEDED ->
                new TaskTransition.Succeeded(new TaskTransition.Outputs.Files(), TaskInfo.NONE);
            case FAILED, ABORTED ->
                new TaskTransition.Failed(
                    ExecutionError.system("Code", "message"), true, TaskInfo.NONE);
          });
    }

    private boolean fails() {
      return random.nextInt(50) == 0;
    }

    private Run begin(Which which) {
      if (which == Which.SECOND) {
        met.add(Met.SECOND_RUN);
      }
      var runsAt = now.plusMillis(random.nextInt(WAITS_MILLIS_MAX));
      return new Run(Phase.RUNNING, runsAt, runsAt.plusMillis(random.nextInt(RUNS_MILLIS_MAX)));
    }

    private Run end(TaskContext task, Run run) {
      var succeeds = random.nextInt(3) > 0;
      write(task.outputPrefix().child(succeeds ? OUTPUTS : ERROR), Which.of(task));
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

    /** Some runs record that they were stopped. */
    @Override
    public CompletionStage<Void> abort(TaskContext task, ByteString state) {
      if (fails()) {
        return CompletableFuture.failedFuture(new IOException("not now"));
      }
      var which = Which.of(task);
      if (is(which, Phase.RUNNING)) {
        runs.computeIfPresent(which, (_, run) -> run.in(Phase.ABORTED));
        if (random.nextBoolean()) {
          write(task.outputPrefix().child(ERROR), which);
        }
      }
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<Void> finish(TaskContext task, ByteString state) {
      check(!is(Which.of(task), Phase.RUNNING), () -> "a task is cleaned up while it runs");
      runs.remove(Which.of(task));
      return CompletableFuture.completedFuture(null);
    }

    /** Written by the task, whose own store does not fail. */
    private void write(DataReference file, Which which) {
      try {
        kept.write(file, ByteString.copyFromUtf8(which.name()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
