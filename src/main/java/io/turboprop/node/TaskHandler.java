package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.LiteralOffloading;
import io.turboprop.data.Literals;
import io.turboprop.data.Values;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPhase;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.plan.Subgraph;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Runs an attempt of a task node: resolves the inputs, asks the catalog, lets the plugin run the
 * task, checks its outputs, and writes them to the catalog.
 */
final class TaskHandler implements NodeHandler {

  /**
   * The pauses and limits of attempts that wait for a cache entry or for a slot.
   *
   * @param reservationInterval the pause between two requests for a cache entry that another
   *     attempt is making
   * @param queueTimeout how long an attempt may wait for a slot; zero means without limit
   */
  record Waiting(Duration reservationInterval, Duration queueTimeout) {}

  /**
   * The shortest pause between two checks whether the running task has written its deck. The pause
   * grows with the time that the task has run, so that long tasks cost few checks.
   */
  static final Duration DECK_LOOKS_MIN = Duration.ofSeconds(2);

  private static final int DECK_LOOKS_SHARE = 20;

  private final TaskAttempt task;
  private final TaskPlugin plugin;
  private final LiteralOffloading offloading;
  private final NodeInputsReader inputsReader;
  private final AttemptCache cache;
  private final TaskResults results;
  private final ValuesWriter writer;
  private final Waiting waiting;
  private final Clock clock;

  /**
   * When the attempt began to wait for a slot; after a restart of the engine, the time of that
   * restart.
   */
  private final Instant queuedAt;

  private Optional<Instant> startedAt = Optional.empty();
  private Optional<AttemptCache.Verdict.Run> mayRun = Optional.empty();

  /** The location of the deck, once the task has published it. */
  private Optional<String> deckUri = Optional.empty();

  TaskHandler(
      TaskAttempt task,
      TaskPlugin plugin,
      LiteralOffloading offloading,
      NodeInputsReader inputsReader,
      AttemptCache cache,
      TaskResults results,
      ValuesWriter writer,
      Waiting waiting,
      Clock clock) {
    this.task = task;
    this.plugin = plugin;
    this.offloading = offloading;
    this.inputsReader = inputsReader;
    this.cache = cache;
    this.results = results;
    this.writer = writer;
    this.waiting = waiting;
    this.queuedAt = queuedAt(task, clock);
    this.clock = clock;
  }

  @Override
  public CompletionStage<NodeTransition> handle(Progress progress) {
    if (task.hasInputs()) {
      return withInputs(progress);
    }
    return inputsReader
        .read(task.assignment())
        .thenCompose(result ->
            switch (result) {
              case NodeInputsReader.Result.Inputs(var literals) -> checked(literals, progress);
              case NodeInputsReader.Result.Impossible(var message) ->
                  CompletableFuture.completedFuture(GraphValuesHandler.impossible(message));
            });
  }

  private CompletionStage<NodeTransition> checked(Literals inputs, Progress progress) {
    var refusal = offloading.refusal(task.template().getMetadata().getRuntime(), inputs);
    if (refusal.isPresent()) {
      return CompletableFuture.completedFuture(
          new NodeTransition.Failed(refusal.orElseThrow(), false, AttemptSummary.NONE));
    }
    task.resolved(inputs);
    return withInputs(progress);
  }

  /** Asks the catalog once, and only if no earlier engine process has started the task. */
  private CompletionStage<NodeTransition> withInputs(Progress progress) {
    if (mayRun.isPresent()) {
      return run(progress);
    }
    if (progress.phase() > TaskPhase.NOT_READY.number()) {
      return cache.resume(task.inputs()).thenCompose(run -> runWith(run, progress));
    }
    return cache
        .ask(task.inputs())
        .thenCompose(verdict ->
            switch (verdict) {
              case AttemptCache.Verdict.NotCached _ ->
                  runWith(AttemptCache.Verdict.Run.NOT_CACHED, progress);
              case AttemptCache.Verdict.Run run -> runWith(run, progress);
              case AttemptCache.Verdict.Hit hit -> hit(hit);
              case AttemptCache.Verdict.Wait(var owner) -> waiting(owner, progress);
            });
  }

  private CompletionStage<NodeTransition> hit(AttemptCache.Verdict.Hit hit) {
    var conclusion =
        new AttemptSummary(
            Optional.empty(),
            ByteString.EMPTY,
            new AttemptSummary.Cache(AttemptSummary.CacheStatus.HIT, hit.key()),
            Optional.empty());
    return writer
        .outputs(task.assignment(), hit.outputs())
        .thenApply(values -> new NodeTransition.Succeeded(values, conclusion));
  }

  private static Instant queuedAt(TaskAttempt task, Clock clock) {
    return task.attempt() == 0 ? task.assignment().queuedAt() : clock.instant();
  }

  private CompletionStage<NodeTransition> waiting(String owner, Progress progress) {
    var info =
        new TaskInfo(
            List.of(),
            Optional.of("waits for the cache entry that %s is making".formatted(owner)),
            Optional.empty());
    return waiting(
        new NodeTransition.Running(
            new Progress(
                TaskPhase.NOT_READY.number(),
                progress.phaseVersion(),
                progress.state(),
                task.details(plugin.id(), info)),
            new LookAgain.After(waiting.reservationInterval())));
  }

  /** An attempt that waits for a slot is checked again when its queue timeout is over. */
  private CompletionStage<NodeTransition> waiting(NodeTransition.Running waits) {
    if (waiting.queueTimeout().isZero()) {
      return CompletableFuture.completedFuture(waits);
    }
    var left = Duration.between(clock.instant(), queuedAt.plus(waiting.queueTimeout()));
    if (left.isPositive()) {
      return CompletableFuture.completedFuture(
          new NodeTransition.Running(waits.progress(), sooner(waits.lookAgain(), left)));
    }
    return abort(waits.progress(), "it has waited too long")
        .thenApply(_ ->
            new NodeTransition.Failed(
                ExecutionError.user(
                    "QueueTimeout",
                    "the task has waited %s for a slot, and was not started (turboprop.node.queue-timeout)"
                        .formatted(waiting.queueTimeout())),
                false,
                AttemptSummary.NONE));
  }

  private CompletionStage<NodeTransition> runWith(
      AttemptCache.Verdict.Run verdict, Progress progress) {
    mayRun = Optional.of(verdict);
    return run(progress);
  }

  private CompletionStage<NodeTransition> run(Progress progress) {
    if (startedAt.isEmpty()) {
      startedAt = Optional.of(clock.instant());
    }
    return cache
        .extend()
        .thenCompose(_ -> plugin.handle(task, progress.state()))
        .thenCompose(this::translate);
  }

  private CompletionStage<NodeTransition> translate(TaskTransition transition) {
    return switch (transition) {
      case TaskTransition.Running running -> running(running);
      case TaskTransition.Succeeded succeeded ->
          results
              .of(task, succeeded.outputs())
              .thenCompose(result ->
                  switch (result) {
                    case TaskResults.Result.Done done -> done(done, succeeded.info());
                    case TaskResults.Result.Expanded(var digest) ->
                        CompletableFuture.completedFuture(expanded(digest, succeeded.info()));
                    case TaskResults.Result.Failed(var error, var recoverable) ->
                        failed(error, recoverable, succeeded.info());
                  });
      case TaskTransition.Failed(var error, var recoverable, var info) ->
          failed(error, recoverable, info);
    };
  }

  private CompletionStage<NodeTransition> running(TaskTransition.Running running) {
    if (running.phase().number() < TaskPhase.RUNNING.number()) {
      return waiting(transition(running));
    }
    return deckUri.isPresent()
        ? CompletableFuture.completedFuture(transition(running))
        : results
            .deckOf(task)
            .thenApply(written -> {
              deckUri = written;
              return transition(running);
            });
  }

  private NodeTransition.Running transition(TaskTransition.Running running) {
    var lookAgain = running.lookAgain();
    if (awaitsDeck(running)) {
      lookAgain = sooner(lookAgain, untilDeckLook());
    }
    var heartbeat = cache.heartbeat();
    if (heartbeat.isPresent()) {
      lookAgain = sooner(lookAgain, heartbeat.get());
    }
    return new NodeTransition.Running(
        new Progress(
            running.phase().number(),
            running.version(),
            running.state(),
            task.details(plugin.id(), running.info()),
            deckUri),
        lookAgain);
  }

  private Duration untilDeckLook() {
    var now = clock.instant();
    var share = Duration.between(startedAt.orElse(now), now).dividedBy(DECK_LOOKS_SHARE);
    return share.compareTo(DECK_LOOKS_MIN) > 0 ? share : DECK_LOOKS_MIN;
  }

  /**
   * Whether to check for a deck: a task does not notify the engine when it publishes its deck, so
   * the attempt is checked at intervals.
   */
  private boolean awaitsDeck(TaskTransition.Running running) {
    return deckUri.isEmpty()
        && running.phase() == TaskPhase.RUNNING
        && task.template().getMetadata().getGeneratesDeck().getValue();
  }

  /** The pause that the plugin wants, or {@code within} if that is shorter. */
  private LookAgain sooner(LookAgain wanted, Duration within) {
    return switch (wanted) {
      case LookAgain.After after when after.delay().compareTo(within) < 0 -> after;
      case LookAgain.At at when at.moment().isBefore(clock.instant().plus(within)) -> at;
      case LookAgain.After _, LookAgain.WhenNotified _, LookAgain.At _ ->
          new LookAgain.After(within);
    };
  }

  private CompletionStage<NodeTransition> done(TaskResults.Result.Done done, TaskInfo info) {
    return keep(done.literals())
        .thenApply(kept ->
            new NodeTransition.Succeeded(done.values(), conclusion(info, kept, done.deckUri())));
  }

  /**
   * The transition to the graph that the task has written. The graph has no inputs: it contains the
   * values that it needs.
   *
   * <p>Unlike FlytePropeller, the engine does not extend a reservation while the graph runs. When
   * the reservation expires, a waiting task also runs, and the outputs that are written first stay
   * in the catalog. The reason: a waiting node keeps its permit ({@code Parallelism}), and the
   * nodes of the graph need permits. If waiting nodes held all permits, the graph and the waiting
   * nodes would wait for each other for ever.
   */
  private NodeTransition expanded(String planDigest, TaskInfo info) {
    return new NodeTransition.Opened(
        Values.NONE,
        new Subgraph.Dynamic(planDigest),
        conclusion(info, AttemptSummary.Cache.DISABLED, Optional.empty()));
  }

  private CompletionStage<AttemptSummary.Cache> keep(Literals outputs) {
    return cache.keep(task.inputs(), outputs);
  }

  private CompletionStage<NodeTransition> failed(
      ExecutionError error, boolean recoverable, TaskInfo info) {
    var cached = mayRun.map(AttemptCache.Verdict.Run::cache).orElse(AttemptSummary.Cache.DISABLED);
    return cache
        .release()
        .thenCompose(_ -> results.deckOf(task))
        .thenApply(deckUri ->
            new NodeTransition.Failed(error, recoverable, conclusion(info, cached, deckUri)));
  }

  private AttemptSummary conclusion(
      TaskInfo info, AttemptSummary.Cache kept, Optional<String> deckUri) {
    return new AttemptSummary(startedAt, task.details(plugin.id(), info), kept, deckUri);
  }

  @Override
  public CompletionStage<Void> abort(Progress progress, String cause) {
    return plugin.abort(task, progress.state()).thenCompose(_ -> cache.release());
  }

  @Override
  public CompletionStage<Void> finish(Progress progress) {
    return plugin.finish(task, progress.state());
  }
}
