package io.turboprop.node;

import io.turboprop.data.ExecutionError;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.workflow.Assignment;
import io.turboprop.workflow.Conclusion;
import io.turboprop.workflow.Progress;
import io.turboprop.workflow.Work;
import io.turboprop.workflow.Worker;
import io.turboprop.workflow.WorkflowCommand.NodeReport;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt of one node: calls its handler, waits, calls again, and reports what has to be
 * recorded. It makes one call at a time, repeats a call that fails, and gives up after a bounded
 * number. It stays after the end until the entity has recorded it ({@code Release}), and cleans up
 * then.
 */
public final class NodeActor extends AbstractBehavior<NodeActor.Message> {
  private static final Logger LOG = LoggerFactory.getLogger(NodeActor.class);
  private static final String LOOK = "look";

  sealed interface Message {}

  private record FromEntity(Worker.Message message) implements Message {}

  private record Handled(NodeTransition transition) implements Message {}

  private record HandleFailed(Throwable cause) implements Message {}

  private record Stopped(Optional<Throwable> failure) implements Message {}

  private record Finished(Optional<Throwable> failure) implements Message {}

  private record Look() implements Message {}

  /**
   * The patience of all node actors.
   *
   * @param callTimeout how long one call of a handler may take
   * @param failuresMax how often in a row a call may fail before the attempt does
   * @param pauseMin the pause after the first such failure; it doubles
   * @param lookAtLeastEvery how long a handler that wants to be told is trusted to be
   */
  public record Settings(
      Duration callTimeout, int failuresMax, Duration pauseMin, Duration lookAtLeastEvery) {
    public static final Settings DEFAULT =
        new Settings(Duration.ofMinutes(2), 6, Duration.ofMillis(200), Duration.ofMinutes(1));
  }

  private final TimerScheduler<Message> timers;
  private final Settings settings;
  private final Assignment assignment;
  private final ActorRef<NodeReport> reports;
  private final NodeHandler handler;
  private final Clock clock;

  private Progress progress;
  private Optional<Work.AbortNode> abort = Optional.empty();
  private boolean calling;
  private boolean lookAgain;
  private boolean over;
  private boolean released;
  private int failures;

  private NodeActor(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      Settings settings,
      Assignment assignment,
      Function<Runnable, NodeHandler> handlers,
      ActorRef<NodeReport> reports,
      Clock clock) {
    super(context);
    this.timers = timers;
    this.settings = settings;
    this.assignment = assignment;
    this.reports = reports;
    this.clock = clock;
    this.progress = assignment.progress();
    var self = context.getSelf();
    this.handler = handlers.apply(() -> self.tell(new Look()));
  }

  /**
   * @param handlers makes the handler, given how it asks to be called again
   */
  public static Behavior<Worker.Message> create(
      Settings settings,
      Assignment assignment,
      Function<Runnable, NodeHandler> handlers,
      ActorRef<NodeReport> reports,
      Clock clock) {
    var behavior =
        Behaviors.<Message>setup(context ->
            Behaviors.withTimers(timers -> {
              var actor =
                  new NodeActor(context, timers, settings, assignment, handlers, reports, clock);
              actor.begin();
              return actor;
            }));
    return Behaviors.transformMessages(
        Worker.Message.class,
        behavior,
        match -> match.match(Worker.Message.class, FromEntity::new));
  }

  private void begin() {
    switch (assignment.work()) {
      case Work.RunNode _ -> handle();
      case Work.AbortNode work -> {
        abort = Optional.of(work);
        stop();
      }
    }
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder().onMessage(Message.class, this::onMessage).build();
  }

  private Behavior<Message> onMessage(Message message) {
    return switch (message) {
      case FromEntity(Worker.Abort(var work)) -> onAbort(work);
      case FromEntity(Worker.LookAgain _) -> onLook();
      case FromEntity(Worker.Release _) -> onRelease();
      case Look _ -> onLook();
      case Handled(var transition) -> onHandled(transition);
      case HandleFailed(var cause) -> onHandleFailed(cause);
      case Stopped(var failure) -> onStopped(failure);
      case Finished(var failure) -> onFinished(failure);
    };
  }

  private Behavior<Message> onLook() {
    if (calling) {
      lookAgain = true;
    } else if (!over && !released && abort.isEmpty()) {
      handle();
    }
    return this;
  }

  private void handle() {
    calling = true;
    lookAgain = false;
    timers.cancel(LOOK);
    call(() -> handler.handle(progress), Handled::new, HandleFailed::new);
  }

  private Behavior<Message> onHandled(NodeTransition transition) {
    calling = false;
    failures = 0;
    var path = assignment.path();
    var attempt = assignment.work().attempt();
    switch (transition) {
      case NodeTransition.Running running -> onRunning(running);
      case NodeTransition.Resolved(var inputs) ->
          end(new NodeReport.Resolved(path, attempt, inputs));
      case NodeTransition.Opened(var inputs, var contents, var conclusion) ->
          end(new NodeReport.Opened(path, attempt, inputs, contents, conclusion));
      case NodeTransition.Recovered(var outputs, var conclusion) ->
          end(new NodeReport.Recovered(path, attempt, outputs, conclusion));
      case NodeTransition.Succeeded(var outputs, var conclusion) ->
          end(new NodeReport.Succeeded(path, attempt, outputs, conclusion));
      case NodeTransition.Failed(var error, var recoverable, var conclusion) ->
          end(new NodeReport.Failed(path, attempt, error, recoverable, conclusion));
    }
    return afterCall();
  }

  private void onRunning(NodeTransition.Running running) {
    var sleepsUntil = Optional.<Instant>empty();
    switch (running.lookAgain()) {
      case LookAgain.WhenTold _ -> lookIn(settings.lookAtLeastEvery());
      case LookAgain.After(var delay) -> lookIn(delay);
      case LookAgain.At(var moment) -> sleepsUntil = Optional.of(moment);
    }
    if (!running.progress().equals(progress) || sleepsUntil.isPresent()) {
      progress = running.progress();
      reports.tell(
          new NodeReport.Running(
              assignment.path(), assignment.work().attempt(), progress, sleepsUntil));
    }
  }

  private void lookIn(Duration delay) {
    timers.startSingleTimer(LOOK, new Look(), delay);
  }

  private void end(NodeReport report) {
    over = true;
    timers.cancel(LOOK);
    reports.tell(report);
  }

  /** Without the wrapping of a stage, which tells a user nothing. */
  private static Throwable reason(Throwable thrown) {
    return thrown instanceof CompletionException && thrown.getCause() instanceof Throwable cause
        ? reason(cause)
        : thrown;
  }

  private Behavior<Message> onHandleFailed(Throwable cause) {
    calling = false;
    failures++;
    if (failures >= settings.failuresMax()) {
      LOG.error("{} {}: gave up", assignment.execution().id(), assignment.work(), cause);
      end(
          new NodeReport.Failed(
              assignment.path(),
              assignment.work().attempt(),
              ExecutionError.system(
                  "HandlerFailed",
                  "failed %d times, at last: %s".formatted(failures, reason(cause))),
              true,
              Conclusion.NONE));
    } else {
      LOG.warn("{} {}: trying again", assignment.execution().id(), assignment.work(), cause);
      lookIn(settings.pauseMin().multipliedBy(1L << (failures - 1)));
    }
    return afterCall();
  }

  /** What came in while a call was under way. */
  private Behavior<Message> afterCall() {
    if (released) {
      return cleanUp();
    }
    if (abort.isPresent()) {
      stop();
    } else if (lookAgain && !over) {
      handle();
    }
    return this;
  }

  private Behavior<Message> onAbort(Work.AbortNode work) {
    abort = Optional.of(work);
    timers.cancel(LOOK);
    if (!calling) {
      stop();
    }
    return this;
  }

  private void stop() {
    calling = true;
    call(
        () -> handler.abort(progress),
        _ -> new Stopped(Optional.empty()),
        failure -> new Stopped(Optional.of(failure)));
  }

  /** An abort that fails is not allowed to hold the execution for ever: it is told as done. */
  private Behavior<Message> onStopped(Optional<Throwable> failure) {
    calling = false;
    failure.ifPresent(
        cause -> LOG.error("{} {}: abort failed", assignment.execution().id(), abort, cause));
    over = true;
    reports.tell(new NodeReport.Aborted(assignment.path(), assignment.work().attempt()));
    return released ? cleanUp() : this;
  }

  private Behavior<Message> onRelease() {
    released = true;
    timers.cancel(LOOK);
    return calling ? this : cleanUp();
  }

  private Behavior<Message> cleanUp() {
    calling = true;
    call(
        () -> handler.finish(progress),
        _ -> new Finished(Optional.empty()),
        failure -> new Finished(Optional.of(failure)));
    return this;
  }

  private Behavior<Message> onFinished(Optional<Throwable> failure) {
    failure.ifPresent(cause ->
        LOG.warn("{} {}: clean-up failed", assignment.execution().id(), assignment.work(), cause));
    return Behaviors.stopped();
  }

  private <T> void call(
      java.util.function.Supplier<CompletionStage<T>> call,
      Function<T, Message> done,
      Function<Throwable, Message> failed) {
    CompletableFuture<T> result;
    try {
      result = call.get().toCompletableFuture();
    } catch (RuntimeException e) {
      result = CompletableFuture.failedFuture(e);
    }
    if (!result.isDone()) {
      result = result.orTimeout(settings.callTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }
    getContext()
        .pipeToSelf(
            result,
            (value, failure) -> failure == null ? done.apply(value) : failed.apply(failure));
  }
}
