package io.turboprop.node;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The calls of one handler, one at a time: the next may begin only when the one before has really
 * ended. One that takes long is told of as often as it has taken the time that a call may take.
 *
 * @param <M> the messages of the actor that calls
 */
final class HandlerCalls<M> {
  private static final String CLOCK = "call";

  private final ActorContext<M> context;
  private final TimerScheduler<M> timers;
  private final Duration timeout;
  private final M takesLong;
  private boolean underWay;

  /**
   * @param takesLong what the actor is told then
   */
  HandlerCalls(ActorContext<M> context, TimerScheduler<M> timers, Duration timeout, M takesLong) {
    this.context = context;
    this.timers = timers;
    this.timeout = timeout;
    this.takesLong = takesLong;
  }

  boolean underWay() {
    return underWay;
  }

  /** Begins a call; what it throws counts as its failure. */
  <T> void begin(
      Supplier<CompletionStage<T>> call, Function<T, M> done, Function<Throwable, M> failed) {
    underWay = true;
    try {
      var result = call.get().toCompletableFuture();
      if (!result.isDone()) {
        timers.startTimerWithFixedDelay(CLOCK, takesLong, timeout);
      }
      context.pipeToSelf(
          result, (value, failure) -> failure == null ? done.apply(value) : failed.apply(failure));
    } catch (RuntimeException e) {
      context.getSelf().tell(failed.apply(e));
    }
  }

  /** The actor has heard of the end. */
  void ended() {
    underWay = false;
    timers.cancel(CLOCK);
  }
}
