package io.turboprop.node;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Makes the calls of a handler, one at a time: a call begins only when the previous call has ended.
 * A slow call is reported to the actor each time that another call timeout has passed.
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
   * @param takesLong the message to the actor for each such timeout
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

  /** Begins a call; an exception that it throws counts as its failure. */
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

  /** The actor has processed the end of the call. */
  void ended() {
    underWay = false;
    timers.cancel(CLOCK);
  }
}
