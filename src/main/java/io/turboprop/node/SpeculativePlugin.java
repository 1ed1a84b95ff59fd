package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.plugin.TaskTransition.Running;
import io.turboprop.plugin.TaskTransition.Succeeded;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Runs a straggling task a second time beside its first run: the first success wins, and the other
 * run is aborted. Both runs are one attempt to the engine. The status of both is recorded as the
 * state of the attempt. An unrecorded second run has the same name when it is started again, and is
 * always stopped with the attempt.
 */
final class SpeculativePlugin implements TaskPlugin {
  private static final Duration POLL_INTERVAL = Duration.ofSeconds(1);

  /** More phase versions than a run has within a single phase. */
  private static final int VERSIONS_OF_A_RUN = 1_000;

  private static final List<String> RESULTS =
      List.of("outputs.pb", "error.pb", "futures.pb", "deck.html");

  private final TaskPlugin plugin;
  private final Speculation speculation;
  private final TaskDurations durations;
  private final BlockingCalls blocking;
  private final Clock clock;

  /**
   * @param plugin runs the task
   */
  SpeculativePlugin(
      TaskPlugin plugin,
      Speculation speculation,
      TaskDurations durations,
      Executor blocking,
      Clock clock) {
    this.plugin = plugin;
    this.speculation = speculation;
    this.durations = durations;
    this.blocking = new BlockingCalls(blocking);
    this.clock = clock;
  }

  @Override
  public String id() {
    return plugin.id();
  }

  @Override
  public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
    var runs = TwoRuns.decode(state);
    return look(task, runs.first())
        .thenCompose(first ->
            look(new SecondRun(task), runs.second())
                .thenCompose(second -> combine(task, runs, first, second)));
  }

  /** The status of a run; empty if there is no such run. */
  private CompletionStage<Optional<TaskTransition>> look(
      TaskContext task, Optional<ByteString> state) {
    return state.isEmpty()
        ? CompletableFuture.completedFuture(Optional.empty())
        : plugin.handle(task, state.orElseThrow()).thenApply(Optional::of);
  }

  private CompletionStage<TaskTransition> combine(
      TaskContext task,
      TwoRuns runs,
      Optional<TaskTransition> first,
      Optional<TaskTransition> second) {
    if (first.orElse(null) instanceof Succeeded succeeded) {
      var took = runs.begunAt().map(at -> Duration.between(at, clock.instant()));
      return stopSecond(task, runs)
          .thenApply(_ -> {
            took.ifPresent(duration -> durations.add(task.template().getId(), duration));
            return succeeded;
          });
    }
    if (second.orElse(null) instanceof Succeeded succeeded) {
      return stopFirst(task, runs).thenCompose(_ -> taken(task, succeeded));
    }
    var firstRuns = first.filter(Running.class::isInstance).map(Running.class::cast);
    var secondRuns = second.filter(Running.class::isInstance).map(Running.class::cast);
    if (firstRuns.isEmpty() && secondRuns.isEmpty()) {
      return stopSecond(task, runs).thenApply(_ -> failure(first, second));
    }
    return CompletableFuture.completedFuture(running(task, runs, firstRuns, secondRuns, second));
  }

  private static TaskTransition failure(
      Optional<TaskTransition> first, Optional<TaskTransition> second) {
    return first
        .or(() -> second)
        .orElseThrow(() -> new IllegalStateException("an attempt without a run"));
  }

  private CompletionStage<Void> stopFirst(TaskContext task, TwoRuns runs) {
    return runs.first().isEmpty()
        ? CompletableFuture.completedFuture(null)
        : plugin.abort(task, runs.first().orElseThrow());
  }

  /**
   * The second run is aborted even if it is not recorded: an engine that crashed may have started
   * it.
   */
  private CompletionStage<Void> stopSecond(TaskContext task, TwoRuns runs) {
    return plugin.abort(new SecondRun(task), runs.second().orElse(ByteString.EMPTY));
  }

  /** Copies the results of the second run to the place of the first run's results. */
  private CompletionStage<TaskTransition> taken(TaskContext task, Succeeded succeeded) {
    return switch (succeeded.outputs()) {
      case TaskTransition.Outputs.Inline _ -> CompletableFuture.completedFuture(succeeded);
      case TaskTransition.Outputs.Files _ ->
          blocking.call(() -> {
            copyResults(task.store(), new SecondRun(task).outputPrefix(), task.outputPrefix());
            return succeeded;
          });
    };
  }

  /** The copy has no size limit: the reader of the results checks it. */
  private static void copyResults(DataStore store, DataReference from, DataReference to)
      throws IOException {
    for (var name : RESULTS) {
      if (store.size(from.child(name)).isPresent()) {
        store.copy(from.child(name), to.child(name));
      } else {
        store.delete(to.child(name));
      }
    }
  }

  private TaskTransition running(
      TaskContext task,
      TwoRuns runs,
      Optional<Running> first,
      Optional<Running> second,
      Optional<TaskTransition> secondSeen) {
    var shown = first.or(() -> second).orElseThrow();
    var next = runs.first(first.map(Running::state));
    if (shown.phase() == TaskPhase.RUNNING) {
      next = next.begun(clock.instant());
    }
    if (secondSeen.orElse(null) instanceof Failed) {
      next = next.withoutSecond();
    } else if (second.isPresent()) {
      next = next.second(second.map(Running::state));
    } else if (straggles(task, next)) {
      next = next.second(Optional.of(ByteString.EMPTY));
    }
    var begunNow = runs.second().isEmpty() && next.second().isPresent();
    return new Running(
        shown.phase(),
        version(next, first, second),
        next.encode(),
        begunNow ? withReason(shown.info()) : shown.info(),
        begunNow ? new LookAgain.After(Duration.ZERO) : polled(shown.lookAgain()));
  }

  /** A version that grows with the versions of both runs, and when a run begins or ends. */
  private static int version(TwoRuns runs, Optional<Running> first, Optional<Running> second) {
    var changes =
        (runs.first().isEmpty() ? 1 : 0)
            + (runs.second().isPresent() ? 1 : 0)
            + (runs.secondFailed() ? 2 : 0);
    return changes * VERSIONS_OF_A_RUN
        + first.map(Running::version).orElse(0)
        + second.map(Running::version).orElse(0);
  }

  private static TaskInfo withReason(TaskInfo info) {
    return new TaskInfo(
        info.logs(),
        Optional.of("the task takes longer than usual: it is run a second time"),
        info.customInfo());
  }

  private boolean straggles(TaskContext task, TwoRuns runs) {
    return !runs.secondFailed()
        && runs.begunAt()
            .flatMap(at -> speculation.stragglerAfter(durations, task.template()).map(at::plus))
            .filter(this::isOver)
            .isPresent();
  }

  private boolean isOver(Instant moment) {
    return !clock.instant().isBefore(moment);
  }

  /** No notification arrives when a task becomes a straggler, so the attempt polls. */
  private static LookAgain polled(LookAgain wanted) {
    return wanted instanceof LookAgain.After(var delay) && delay.compareTo(POLL_INTERVAL) < 0
        ? wanted
        : new LookAgain.After(POLL_INTERVAL);
  }

  @Override
  public CompletionStage<Void> abort(TaskContext task, ByteString state) {
    var runs = TwoRuns.decode(state);
    return stopSecond(task, runs)
        .thenCompose(_ -> plugin.abort(task, runs.first().orElse(ByteString.EMPTY)));
  }

  @Override
  public CompletionStage<Void> finish(TaskContext task, ByteString state) {
    var runs = TwoRuns.decode(state);
    return plugin
        .finish(new SecondRun(task), runs.second().orElse(ByteString.EMPTY))
        .thenCompose(_ -> plugin.finish(task, runs.first().orElse(ByteString.EMPTY)));
  }
}
