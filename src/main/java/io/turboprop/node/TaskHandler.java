package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.OffloadedInputs;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * One attempt of a task node (engine §4.3, §5.3): resolves the inputs, asks the catalog, has the
 * plugin run the task, checks what it left, keeps it in the catalog.
 */
final class TaskHandler implements NodeHandler {
  private final TaskAttempt task;
  private final TaskPlugin plugin;
  private final OffloadedInputs offloadedInputs;
  private final NodeInputsReader inputsReader;
  private final TaskCache cache;
  private final TaskResults results;
  private final ValuesWriter writer;
  private final Duration reservationInterval;
  private final Clock clock;

  private Optional<Instant> startedAt = Optional.empty();
  private Optional<TaskCache.Verdict.Run> mayRun = Optional.empty();

  TaskHandler(
      TaskAttempt task,
      TaskPlugin plugin,
      OffloadedInputs offloadedInputs,
      NodeInputsReader inputsReader,
      TaskCache cache,
      TaskResults results,
      ValuesWriter writer,
      Duration reservationInterval,
      Clock clock) {
    this.task = task;
    this.plugin = plugin;
    this.offloadedInputs = offloadedInputs;
    this.inputsReader = inputsReader;
    this.cache = cache;
    this.results = results;
    this.writer = writer;
    this.reservationInterval = reservationInterval;
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
    var refusal = offloadedInputs.refusal(task.template().getMetadata().getRuntime(), inputs);
    if (refusal.isPresent()) {
      return CompletableFuture.completedFuture(
          new NodeTransition.Failed(refusal.orElseThrow(), false, AttemptSummary.NONE));
    }
    task.resolved(inputs);
    return withInputs(progress);
  }

  /** The catalog is asked once, and not for a task that an earlier engine has begun. */
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
              case TaskCache.Verdict.NotCached _ ->
                  runWith(TaskCache.Verdict.Run.NOT_CACHED, progress);
              case TaskCache.Verdict.Run run -> runWith(run, progress);
              case TaskCache.Verdict.Hit hit -> hit(hit);
              case TaskCache.Verdict.Wait _ -> CompletableFuture.completedFuture(waiting(progress));
            });
  }

  private CompletionStage<NodeTransition> hit(TaskCache.Verdict.Hit hit) {
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

  private NodeTransition waiting(Progress progress) {
    return new NodeTransition.Running(
        new Progress(
            TaskPhase.NOT_READY.number(),
            progress.phaseVersion(),
            progress.state(),
            progress.details()),
        new LookAgain.After(reservationInterval));
  }

  private CompletionStage<NodeTransition> runWith(
      TaskCache.Verdict.Run verdict, Progress progress) {
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
      case TaskTransition.Running running -> CompletableFuture.completedFuture(running(running));
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

  private NodeTransition running(TaskTransition.Running running) {
    return new NodeTransition.Running(
        new Progress(
            running.phase().number(),
            running.version(),
            running.state(),
            AttemptDetails.of(task, plugin.id(), running.info())),
        soonEnough(running.lookAgain()));
  }

  /** A reservation has to be extended while the task runs. */
  private LookAgain soonEnough(LookAgain wanted) {
    if (cache.heartbeat().isEmpty()) {
      return wanted;
    }
    var heartbeat = cache.heartbeat().orElseThrow();
    return switch (wanted) {
      case LookAgain.After after when after.delay().compareTo(heartbeat) < 0 -> after;
      case LookAgain.After _, LookAgain.WhenTold _, LookAgain.At _ ->
          new LookAgain.After(heartbeat);
    };
  }

  private CompletionStage<NodeTransition> done(TaskResults.Result.Done done, TaskInfo info) {
    return keep(done.literals())
        .thenApply(kept ->
            new NodeTransition.Succeeded(done.values(), conclusion(info, kept, done.deckUri())));
  }

  /**
   * A dynamic workflow has no inputs: what it needs has become part of it.
   *
   * <p>A reservation is not extended while that graph is walked, which FlytePropeller does: when it
   * is over, one that waits for it runs the task as well, and the outputs of the first are kept.
   * For one that waits keeps its place ({@code Parallelism}), and the graph needs places: where all
   * are taken by those who wait, they would wait for one another for ever.
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
    var cached = mayRun.map(TaskCache.Verdict.Run::cache).orElse(AttemptSummary.Cache.DISABLED);
    return cache
        .release()
        .thenCompose(_ -> results.deckOf(task))
        .thenApply(deckUri ->
            new NodeTransition.Failed(error, recoverable, conclusion(info, cached, deckUri)));
  }

  private AttemptSummary conclusion(
      TaskInfo info, AttemptSummary.Cache kept, Optional<String> deckUri) {
    return new AttemptSummary(startedAt, AttemptDetails.of(task, plugin.id(), info), kept, deckUri);
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
