package io.turboprop.executor;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Outage;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.plugin.TaskTransition.Running;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * Runs a single attempt for its executor: calls the plugin, records each change in the attempt's
 * row, and notifies the owner. It makes one call at a time. It stops when the end is recorded and
 * the plugin has cleaned up, or when the attempt is no longer its executor's.
 */
final class AttemptRunner extends AbstractBehavior<AttemptRunner.Message> {
  private static final Logger LOG = LoggerFactory.getLogger(AttemptRunner.class);
  private static final String NEXT_LOOK = "look";
  private static final String NEXT_TRY = "try";

  /** A message to a runner. */
  sealed interface Message {}

  /** The owner has aborted the attempt. */
  record Abort() implements Message {}

  /** The executor has lost its lease: nothing may be recorded any more. */
  record LeaseLost() implements Message {}

  private record Look() implements Message {}

  private record Handled(TaskTransition transition) implements Message {}

  private record HandleFailed(Throwable cause) implements Message {}

  private record Stopped(Optional<Throwable> failure) implements Message {}

  private record Killed(Optional<Throwable> failure) implements Message {}

  private record Recorded(boolean stillOurs) implements Message {}

  private record RecordFailed(Throwable cause) implements Message {}

  private record TryAgain() implements Message {}

  private record Finished(Optional<Throwable> failure) implements Message {}

  /** The attempt's row, and its owner. */
  interface Row {
    /** Records that the attempt goes on; gives whether it still belongs to the executor. */
    CompletionStage<Boolean> record(ByteString transition);

    /** Records the end; empty if the attempt was aborted. */
    CompletionStage<Boolean> end(Optional<ByteString> transition);

    /** Notifies the owner that the row has changed. */
    void notifyOwner();
  }

  /**
   * The work of a runner.
   *
   * @param transition the last status that was recorded; empty if there was none
   * @param lease the lease of the session that the attempt belongs to
   */
  record Job(TaskPlugin plugin, Optional<ByteString> transition, Lease lease, Row row) {}

  private enum Phase {
    /** The runner calls the plugin repeatedly. */
    RUNNING,
    /** The runner has the plugin stop the attempt. */
    STOPPING,
    /** The plugin could not stop the attempt; its clean-up kills what is left. */
    KILLING,
    /** The runner records the end. */
    ENDING,
    /** The end is recorded, or the attempt is not ours any more; the plugin cleans up. */
    OVER
  }

  private final TimerScheduler<Message> timers;
  private final Executor.Calls settings;
  private final Clock clock;
  private final TaskPlugin plugin;
  private final LeasedTask task;
  private final Lease lease;
  private final Row row;

  private Phase phase = Phase.RUNNING;
  private boolean busy;
  private boolean look = true;
  private ByteString state;
  private ByteString recorded;

  /** The status that is not recorded yet; while ending, the end. */
  private Optional<ByteString> unrecorded = Optional.empty();

  private TaskInfo info = TaskInfo.NONE;
  private int failures;
  private int outages;

  private AttemptRunner(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      Executor.Calls settings,
      Clock clock,
      Job job,
      LeasedTask task) {
    super(context);
    this.timers = timers;
    this.settings = settings;
    this.clock = clock;
    this.plugin = job.plugin();
    this.task = task;
    this.lease = job.lease();
    this.row = job.row();
    this.recorded = job.transition().orElse(ByteString.EMPTY);
    this.state =
        job.transition()
            .map(Transitions::decode)
            .filter(Running.class::isInstance)
            .map(transition -> ((Running) transition).state())
            .orElse(task.request().getPluginState());
  }

  /**
   * @param tasks makes the context for the plugin, given a callback that asks for the next call
   */
  static Behavior<Message> create(
      Executor.Calls settings, Clock clock, Job job, Function<Runnable, LeasedTask> tasks) {
    return Behaviors.setup(context ->
        Behaviors.withTimers(timers -> {
          var self = context.getSelf();
          var task = tasks.apply(() -> self.tell(new Look()));
          return new AttemptRunner(context, timers, settings, clock, job, task).next();
        }));
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder().onMessage(Message.class, this::onMessage).build();
  }

  /** Log lines of the action carry the ids of the execution and the node. */
  private Behavior<Message> onMessage(Message message) {
    try (var _ = MDC.putCloseable("execution", task.execution().text());
        var _ = MDC.putCloseable("node", task.nodeId())) {
      return on(message);
    }
  }

  private Behavior<Message> on(Message message) {
    switch (message) {
      case Look _ -> look = true;
      case Handled(var transition) -> onHandled(transition);
      case HandleFailed(var cause) -> onHandleFailed(cause);
      case Abort _ -> onAbort();
      case Stopped(var failure) -> onStopped(failure);
      case Killed(var failure) -> onKilled(failure);
      case Recorded(var stillOurs) -> onRecorded(stillOurs);
      case RecordFailed(var cause) -> onRecordFailed(cause);
      case TryAgain _ -> busy = false;
      case LeaseLost _ -> {
        phase = Phase.OVER;
        endPause();
      }
      case Finished(var failure) -> {
        failure.ifPresent(cause -> LOG.warn("{}: clean-up failed", task.generatedName(), cause));
        return Behaviors.stopped();
      }
    }
    return next();
  }

  /** Makes the next call of the phase, unless one is under way. */
  private Behavior<Message> next() {
    if (busy) {
      return this;
    }
    switch (phase) {
      case RUNNING -> {
        if (unrecorded.isPresent()) {
          record(() -> row.record(unrecorded.orElseThrow()));
        } else if (look) {
          handle();
        }
      }
      case STOPPING ->
          call(
              () -> withTimeout(plugin.abort(task, state)),
              _ -> new Stopped(Optional.empty()),
              failure -> new Stopped(Optional.of(failure)));
      case KILLING -> finish(Killed::new);
      case ENDING -> record(() -> row.end(unrecorded));
      case OVER -> finish(Finished::new);
    }
    return this;
  }

  private void finish(Function<Optional<Throwable>, Message> finished) {
    call(
        () -> withTimeout(plugin.finish(task, state)),
        _ -> finished.apply(Optional.empty()),
        failure -> finished.apply(Optional.of(failure)));
  }

  private <T> void call(
      Supplier<CompletionStage<T>> call,
      Function<T, Message> done,
      Function<Throwable, Message> failed) {
    busy = true;
    CompletionStage<T> result;
    try {
      result = call.get();
    } catch (RuntimeException e) {
      result = CompletableFuture.failedStage(e);
    }
    getContext()
        .pipeToSelf(
            result,
            (value, failure) -> failure == null ? done.apply(value) : failed.apply(failure));
  }

  // --- running

  private void handle() {
    look = false;
    timers.cancel(NEXT_LOOK);
    call(() -> handleOrCleanUp(state), Handled::new, HandleFailed::new);
  }

  /**
   * Calls the plugin. A call that has timed out may end later; then the plugin cleans up what the
   * call has started.
   */
  private CompletionStage<TaskTransition> handleOrCleanUp(ByteString state) {
    var call = plugin.handle(task, state);
    var limited = withTimeout(call);
    var _ =
        limited.exceptionally(failure -> {
          if (failure instanceof TimeoutException) {
            var _ = call.handle((_, _) -> plugin.finish(task, state));
          }
          return null;
        });
    return limited;
  }

  /** Fails with a {@link TimeoutException} if the plugin does not answer in time. */
  private <T> CompletableFuture<T> withTimeout(CompletionStage<T> call) {
    var limit = settings.callTimeout().multipliedBy(settings.failuresMax());
    return call.toCompletableFuture().copy().orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void onHandled(TaskTransition transition) {
    busy = false;
    failures = 0;
    outages = 0;
    if (phase != Phase.RUNNING) {
      return;
    }
    info = transition.info();
    var encoded = Transitions.encode(transition);
    switch (transition) {
      case Running running -> {
        state = running.state();
        lookAfter(running.lookAgain());
        unrecorded = encoded.equals(recorded) ? Optional.empty() : Optional.of(encoded);
      }
      case TaskTransition.Succeeded _, Failed _ -> end(encoded);
    }
  }

  private void lookAfter(LookAgain lookAgain) {
    var pause =
        switch (lookAgain) {
          case LookAgain.WhenNotified _ -> settings.lookAtLeastEvery();
          case LookAgain.After(var delay) -> delay;
          case LookAgain.At(var moment) -> Duration.between(clock.instant(), moment);
        };
    timers.startSingleTimer(NEXT_LOOK, new Look(), pause.isNegative() ? Duration.ZERO : pause);
  }

  /**
   * An end that is seen after the lease is not recorded: the guard of the plugin may have killed
   * the processes, which would look like a failure of the task.
   */
  private void end(ByteString transition) {
    timers.cancel(NEXT_LOOK);
    unrecorded = Optional.of(transition);
    phase = lease.isOver() ? Phase.OVER : Phase.ENDING;
  }

  private void onHandleFailed(Throwable cause) {
    busy = false;
    if (phase != Phase.RUNNING) {
      return;
    }
    LOG.warn("{}: the plugin '{}' failed", task.generatedName(), plugin.id(), cause);
    if (cause instanceof TimeoutException) {
      stopWith(handlerFailed("a call has not ended in time"));
    } else if (Outage.isCauseOf(cause)) {
      outages++;
      timers.startSingleTimer(NEXT_LOOK, new Look(), settings.pauses().after(outages));
    } else if (++failures < settings.failuresMax()) {
      timers.startSingleTimer(NEXT_LOOK, new Look(), settings.pauses().after(failures));
    } else {
      stopWith(handlerFailed("failed %d times, at last: %s".formatted(failures, reason(cause))));
    }
  }

  /** Stops the attempt first: when its end is recorded, no part of it may run any more. */
  private void stopWith(ByteString end) {
    unrecorded = Optional.of(end);
    failures = 0;
    phase = Phase.STOPPING;
  }

  private ByteString handlerFailed(String message) {
    return Transitions.encode(
        new Failed(ExecutionError.system("HandlerFailed", message), true, info));
  }

  private static Throwable reason(Throwable thrown) {
    return thrown.getCause() instanceof Throwable cause ? reason(cause) : thrown;
  }

  // --- stopping

  private void onAbort() {
    if (phase == Phase.RUNNING) {
      timers.cancel(NEXT_LOOK);
      unrecorded = Optional.empty();
      failures = 0;
      phase = Phase.STOPPING;
      endPause();
    }
  }

  /**
   * When the end is recorded, the next attempt may begin elsewhere, so nothing of this one may run
   * by then. A stop that fails is repeated; if the plugin can't stop the attempt, its clean-up has
   * to kill it first. A plugin whose calls hang holds up the end for the time of two calls.
   */
  private void onStopped(Optional<Throwable> failure) {
    busy = false;
    failure.ifPresent(cause -> LOG.error("{}: stop failed", task.generatedName(), cause));
    if (phase != Phase.STOPPING) {
      return;
    }
    if (failure.isEmpty()) {
      phase = Phase.ENDING;
    } else if (failure.orElseThrow() instanceof TimeoutException
        || ++failures >= settings.failuresMax()) {
      phase = Phase.KILLING;
    } else {
      tryAgainAfter(settings.pauses().after(failures));
    }
  }

  private void onKilled(Optional<Throwable> failure) {
    busy = false;
    failure.ifPresent(cause ->
        LOG.error(
            "{}: the attempt may still run, since it could not be stopped nor cleaned up",
            task.generatedName(),
            cause));
    if (phase == Phase.KILLING) {
      failures = 0;
      phase = Phase.ENDING;
    }
  }

  /** The runner stays busy until then, so it makes no other call in between. */
  private void tryAgainAfter(Duration pause) {
    busy = true;
    timers.startSingleTimer(NEXT_TRY, new TryAgain(), pause);
  }

  /** Does not wait for the next try, since there is something else to do. */
  private void endPause() {
    if (timers.isTimerActive(NEXT_TRY)) {
      timers.cancel(NEXT_TRY);
      busy = false;
    }
  }

  // --- recording

  private void record(Supplier<CompletionStage<Boolean>> write) {
    call(write, Recorded::new, RecordFailed::new);
  }

  private void onRecorded(boolean stillOurs) {
    busy = false;
    failures = 0;
    if (!stillOurs) {
      phase = Phase.OVER;
      return;
    }
    row.notifyOwner();
    switch (phase) {
      case RUNNING -> {
        recorded = unrecorded.orElseThrow();
        unrecorded = Optional.empty();
      }
      case ENDING -> phase = Phase.OVER;
      case STOPPING, KILLING, OVER -> {}
    }
  }

  private void onRecordFailed(Throwable cause) {
    if (phase == Phase.OVER) {
      busy = false;
      return;
    }
    failures++;
    LOG.warn("{}: its status can't be recorded now: {}", task.generatedName(), cause.toString());
    tryAgainAfter(settings.pauses().after(failures));
  }
}
