package io.turboprop.cluster;

import io.turboprop.metric.Meters;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.BehaviorSignalInterceptor;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Counts the entities that this process holds in memory. */
final class EntityCount {
  private final AtomicInteger alive = new AtomicInteger();

  EntityCount(Meters meters) {
    meters.gauge(
        "turboprop.executions.in.memory", "executions that this process has in memory", alive::get);
  }

  /** The same behavior, counted from its start to its end. */
  <M> Behavior<M> counted(Behavior<M> behavior) {
    return Behaviors.intercept(() -> new Counted<M>(), behavior);
  }

  private final class Counted<M> extends BehaviorSignalInterceptor<M> {
    @Override
    public Behavior<M> aroundStart(
        TypedActorContext<M> context, BehaviorInterceptor.PreStartTarget<M> target) {
      alive.incrementAndGet();
      return target.start(context);
    }

    @Override
    public Behavior<M> aroundSignal(
        TypedActorContext<M> context, Signal signal, BehaviorInterceptor.SignalTarget<M> target) {
      if (signal instanceof PostStop) {
        alive.decrementAndGet();
      }
      return target.apply(context, signal);
    }
  }
}
