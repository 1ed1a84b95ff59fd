package io.turboprop.node;

import io.turboprop.data.ExecutionError;
import io.turboprop.data.Outage;
import io.turboprop.plugin.TaskTransition.LookAgain;
import io.turboprop.setting.BackOff;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.decide.WorkflowCommand.NodeReport;
import io.turboprop.workflow.entity.Assignment;
import io.turboprop.workflow.entity.Worker;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionException;
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
import org.slf4j.MDC;

/**
 * Runs a single attempt of a node: calls the handler, waits, calls again, and reports the progress
 * to the entity. The actor makes one call at a time and repeats a failed call. After too many
 * failures the actor stops the attempt and reports it as failed. After the end, the actor waits
 * until the entity has recorded the end ({@code Release}), and then cleans up.
 *
 * <p>An {@link Outage} is not counted as a failure: the actor repeats the call until the service
 * answers. This also holds for a stop. If the actor reported the stop as done during an outage, the
 * task would run on beside its next attempt, or after the end of its execution.
 */
public final class NodeActor extends AbstractBehavior<NodeActor.Message> {
  private static final Logger LOG = LoggerFactory.getLogger(NodeActor.class);
  private static final String NEXT = "next";

  sealed interface Message {}

  private record FromEntity(Worker.Message message) implements Message {}

  private record Handled(NodeTransition transition) implements Message {}

  private record HandleFailed(Throwable cause) implements Message {}

  private record Stopped(Optional<Throwable> failure) implements Message {}

  private record Finished(Optional<Throwable> failure) implements Message {}

  private record Look() implements Message {}

  private record StopAgain() implements Message {}

  private record TakesLong() implements Message {}

  /**
   * The retry budget of each node actor.
   *
   * @param callTimeout how long a call of a handler may take; each multiple of this time counts as
   *     a failure
   * @param failuresMax how often in a row a call may fail before the attempt fails
   * @param pauses the pauses after such failures
   * @param lookAtLeastEvery the longest pause before the actor calls a handler that waits for a
   *     notification
   */
  public record Settings(
      Duration callTimeout, int failuresMax, BackOff pauses, Duration lookAtLeastEvery) {
    public static final Settings DEFAULT =
        new Settings(
            Duration.ofMinutes(2),
            6,
            new BackOff(Duration.ofMillis(200), Duration.ofSeconds(10)),
            Duration.ofMinutes(1));
  }

  /** The phase of the actor's life. */
  private enum Phase {
    /** The actor calls the handler repeatedly. */
    RUNNING,
    /** The subgraph inside the node is running; a later worker handles the rest of the attempt. */
    HANDED_OVER,
    /** The actor is stopping the attempt, on request or because no call succeeds. */
    STOPPING,
    /** The actor has reported the end of the attempt. */
    OVER,
    /** The entity has recorded the end; the actor cleans up. */
    RELEASED
  }

  private final TimerScheduler<Message> timers;
  private final Settings settings;
  private final Assignment assignment;
  private final ActorRef<NodeReport> reports;
  private final NodeHandler handler;
  private final HandlerCalls<Message> calls;

  private Phase phase = Phase.RUNNING;
  private Progress progress;

  /** The report to send when the attempt has been stopped. */
  private NodeReport afterStop;

  /** Why the attempt is stopped. */
  private String stopCause = "";

  private boolean lookAgain;
  private boolean leaving;

  /**
   * An end was reported while a call was still under way, so the attempt may still have to be
   * stopped.
   */
  private boolean abandoned;

  private int failures;

  /** How many calls in a row have met an outage. */
  private int outages;

  private NodeActor(
      ActorContext<Message> context,
      TimerScheduler<Message> timers,
      Settings settings,
      Assignment assignment,
      Function<Runnable, NodeHandler> handlers,
      ActorRef<NodeReport> reports) {
    super(context);
    this.timers = timers;
    this.settings = settings;
    this.assignment = assignment;
    this.reports = reports;
    this.progress = assignment.progress();
    this.afterStop = aborted();
    this.calls = new HandlerCalls<>(context, timers, settings.callTimeout(), new TakesLong());
    var self = context.getSelf();
    this.handler = handlers.apply(() -> self.tell(new Look()));
  }

  /**
   * @param handlers makes the handler, given a callback that asks for the next call
   */
  public static Behavior<Worker.Message> create(
      Settings settings,
      Assignment assignment,
      Function<Runnable, NodeHandler> handlers,
      ActorRef<NodeReport> reports) {
    var behavior =
        Behaviors.<Message>setup(context ->
            Behaviors.withTimers(timers -> {
              var actor = new NodeActor(context, timers, settings, assignment, handlers, reports);
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
        phase = Phase.STOPPING;
        stopCause = work.cause();
        stop();
      }
    }
  }

  @Override
  public Receive<Message> createReceive() {
    return newReceiveBuilder().onMessage(Message.class, this::onMessage).build();
  }

  /** Log lines of the action carry the ids of the execution and the node. */
  private Behavior<Message> onMessage(Message message) {
    try (var _ = MDC.putCloseable("execution", assignment.execution().id().text());
        var _ = MDC.putCloseable("node", assignment.uniqueNodeId())) {
      return on(message);
    }
  }

  private Behavior<Message> on(Message message) {
    return switch (message) {
      case FromEntity(Worker.Abort(var work)) -> onAbort(work.cause());
      case FromEntity(Worker.LookAgain _) -> onLook();
      case FromEntity(Worker.Leave _) -> onLeave();
      case FromEntity(Worker.Release _) -> onRelease();
      case Look _ -> onLook();
      case StopAgain _ -> next();
      case TakesLong _ -> onTakesLong();
      case Handled(var transition) -> onHandled(transition);
      case HandleFailed(var cause) -> onHandleFailed(cause);
      case Stopped(var failure) -> onStopped(failure);
      case Finished(var failure) -> onFinished(failure);
    };
  }

  /**
   * Makes the next call of the phase. Does nothing while a call is under way; the end of that call
   * leads to this method again.
   */
  private Behavior<Message> next() {
    if (calls.underWay()) {
      return this;
    }
    switch (phase) {
      case RUNNING -> {
        if (leaving) {
          return Behaviors.stopped();
        }
        if (lookAgain) {
          handle();
        }
      }
      case HANDED_OVER -> {
        if (leaving) {
          return Behaviors.stopped();
        }
      }
      case STOPPING -> stop();
      case OVER -> {}
      case RELEASED -> cleanUp();
    }
    return this;
  }

  // --- running

  private Behavior<Message> onLook() {
    lookAgain = true;
    return phase == Phase.RUNNING ? next() : this;
  }

  private void handle() {
    lookAgain = false;
    timers.cancel(NEXT);
    calls.begin(() -> handler.handle(progress), Handled::new, HandleFailed::new);
  }

  private Behavior<Message> onHandled(NodeTransition transition) {
    calls.ended();
    if (abandoned) {
      stop();
      return this;
    }
    failures = 0;
    outages = 0;
    var path = assignment.path();
    var attempt = assignment.work().attempt();
    switch (transition) {
      case NodeTransition.Running running -> onRunning(running);
      case NodeTransition.Resolved(var inputs) ->
          end(Phase.HANDED_OVER, new NodeReport.Resolved(path, attempt, inputs));
      case NodeTransition.Opened(var inputs, var contents, var conclusion) ->
          end(
              Phase.HANDED_OVER,
              new NodeReport.Opened(path, attempt, inputs, contents, conclusion));
      case NodeTransition.Recovered(var outputs, var conclusion) ->
          end(Phase.OVER, new NodeReport.Recovered(path, attempt, outputs, conclusion));
      case NodeTransition.Succeeded(var outputs, var conclusion) ->
          end(Phase.OVER, new NodeReport.Succeeded(path, attempt, outputs, conclusion));
      case NodeTransition.Failed(var error, var recoverable, var conclusion) ->
          end(Phase.OVER, new NodeReport.Failed(path, attempt, error, recoverable, conclusion));
    }
    return next();
  }

  /** A stop or release that arrived during the call still takes effect. */
  private void end(Phase then, NodeReport report) {
    if (phase == Phase.RUNNING) {
      phase = then;
    }
    timers.cancel(NEXT);
    reports.tell(report);
  }

  /**
   * An actor that is leaving reports nothing: the next worker of the attempt reads the status
   * again.
   */
  private void onRunning(NodeTransition.Running running) {
    if (leaving) {
      return;
    }
    if (running.progress().state().size() > Progress.STATE_BYTES_MAX) {
      giveUp(
          false,
          "StateTooLarge",
          "it wants %d bytes to be kept for it; %d is the most"
              .formatted(running.progress().state().size(), Progress.STATE_BYTES_MAX));
      return;
    }
    var sleepsUntil = Optional.<Instant>empty();
    switch (running.lookAgain()) {
      case LookAgain.WhenNotified _ -> lookIn(settings.lookAtLeastEvery());
      case LookAgain.After(var delay) -> lookIn(delay);
      case LookAgain.At(var moment) -> sleepsUntil = Optional.of(moment);
    }
    var news = running.progress().since(progress);
    if (!news.equals(progress) || sleepsUntil.isPresent()) {
      progress = news;
      reports.tell(
          new NodeReport.Running(
              assignment.path(), assignment.work().attempt(), progress, sleepsUntil));
    }
  }

  private void lookIn(Duration delay) {
    timers.startSingleTimer(NEXT, new Look(), delay);
  }

  private Behavior<Message> onHandleFailed(Throwable cause) {
    calls.ended();
    if (abandoned) {
      stop();
      return this;
    }
    if (phase == Phase.RUNNING && Outage.isCauseOf(cause)) {
      // An outage passes, however long it takes, and costs no attempt.
      lookIn(pauseAfterOutage("tries again", cause));
      return next();
    }
    LOG.warn("{}: failed", assignment.work(), cause);
    if (phase == Phase.RUNNING) {
      failures++;
      if (failures < settings.failuresMax()) {
        lookIn(settings.pauses().after(failures));
      } else {
        giveUp(
            true,
            "HandlerFailed",
            "failed %d times, at last: %s".formatted(failures, reason(cause)));
      }
    }
    return next();
  }

  private Duration pauseAfterOutage(String next, Throwable cause) {
    outages++;
    LOG.warn("{}: {} after an outage: {}", assignment.work(), next, reason(cause).getMessage());
    return settings.pauses().after(outages);
  }

  /** Removes the wrapper exception of a completion stage, whose text does not help a user. */
  private static Throwable reason(Throwable thrown) {
    return thrown instanceof CompletionException && thrown.getCause() instanceof Throwable cause
        ? reason(cause)
        : thrown;
  }

  /** The actor stops the attempt first, so that it can't overlap with the next attempt. */
  private void giveUp(boolean recoverable, String code, String message) {
    LOG.error("{}: gave up: {}", assignment.work(), message);
    afterStop = failed(recoverable, code, message);
    beginToStop(message);
  }

  private NodeReport failed(boolean recoverable, String code, String message) {
    return new NodeReport.Failed(
        assignment.path(),
        assignment.work().attempt(),
        ExecutionError.system(code, message),
        recoverable,
        AttemptSummary.NONE);
  }

  /**
   * A slow call counts as a failure, but the actor makes no other call before this call has ended.
   * At the limit the actor reports the attempt as failed without stopping it, and stops it later if
   * the call ever ends.
   */
  private Behavior<Message> onTakesLong() {
    failures++;
    var message =
        "a call has not ended after %d times %s".formatted(failures, settings.callTimeout());
    LOG.warn("{}: {}", assignment.work(), message);
    if (failures < settings.failuresMax()) {
      return this;
    }
    switch (phase) {
      case RUNNING -> {
        abandoned = true;
        stopCause = message;
        end(Phase.OVER, failed(true, "HandlerFailed", message));
      }
      case STOPPING -> {
        abandoned = true;
        stopped();
      }
      case HANDED_OVER, OVER -> {}
      case RELEASED -> {
        return Behaviors.stopped();
      }
    }
    return this;
  }

  // --- stopping

  private Behavior<Message> onAbort(String cause) {
    if (phase == Phase.RELEASED) {
      return this;
    }
    afterStop = aborted();
    // The entity waits for the report of this abort, so the actor stays until it is sent.
    leaving = false;
    beginToStop(cause);
    return next();
  }

  private NodeReport aborted() {
    return new NodeReport.Aborted(assignment.path(), assignment.work().attempt());
  }

  private void beginToStop(String cause) {
    phase = Phase.STOPPING;
    stopCause = cause;
    failures = 0;
    outages = 0;
    timers.cancel(NEXT);
  }

  private void stop() {
    calls.begin(
        () -> handler.abort(progress, stopCause),
        _ -> new Stopped(Optional.empty()),
        failure -> new Stopped(Optional.of(failure)));
  }

  private Behavior<Message> onStopped(Optional<Throwable> failure) {
    calls.ended();
    abandoned = false;
    var outage = failure.filter(Outage::isCauseOf);
    if (phase == Phase.STOPPING && outage.isPresent()) {
      stopIn(pauseAfterOutage("stops the attempt again", outage.get()));
      return this;
    }
    failure.ifPresent(cause -> LOG.error("{}: stop failed", assignment.work(), cause));
    if (phase != Phase.STOPPING) {
      return next();
    }
    if (failure.isPresent() && ++failures < settings.failuresMax()) {
      stopIn(settings.pauses().after(failures));
    } else {
      stopped();
    }
    return this;
  }

  private void stopIn(Duration pause) {
    timers.startSingleTimer(NEXT, new StopAgain(), pause);
  }

  /**
   * A stop that keeps failing must not hold the execution for ever, so it is reported as done; an
   * outage is no such failure.
   */
  private void stopped() {
    phase = Phase.OVER;
    reports.tell(afterStop);
  }

  // --- leaving

  private Behavior<Message> onLeave() {
    leaving = true;
    return phase == Phase.RUNNING || phase == Phase.HANDED_OVER ? next() : this;
  }

  private Behavior<Message> onRelease() {
    phase = Phase.RELEASED;
    timers.cancel(NEXT);
    return next();
  }

  private void cleanUp() {
    calls.begin(
        () -> handler.finish(progress),
        _ -> new Finished(Optional.empty()),
        failure -> new Finished(Optional.of(failure)));
  }

  private Behavior<Message> onFinished(Optional<Throwable> failure) {
    failure.ifPresent(cause -> LOG.warn("{}: clean-up failed", assignment.work(), cause));
    return Behaviors.stopped();
  }
}
