package io.turboprop.workflow.entity;

import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.WorkflowEntity.Tick;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * The alarm of an entity: sends it a tick when the next alarm is due. A time more than 30 days away
 * is reached in several steps, because Pekko's timers reach less than a year.
 */
final class AlarmClock {
  private static final String KEY = "tick";

  /** Pekko's timers reach less than a year. */
  private static final Duration TIMER_MAX = Duration.ofDays(30);

  private final TimerScheduler<Message> timers;
  private final ActorRef<Message> entity;
  private final Clock clock;

  AlarmClock(TimerScheduler<Message> timers, ActorRef<Message> entity, Clock clock) {
    this.timers = timers;
    this.entity = entity;
    this.clock = clock;
  }

  /** Sets the alarm to this time, or clears it; it replaces the time set before. */
  void set(Optional<Instant> moment) {
    moment.ifPresentOrElse(this::set, () -> timers.cancel(KEY));
  }

  /** Whether the alarm is due at this tick; if not, another tick follows. */
  boolean isDue(Tick tick) {
    if (clock.instant().isBefore(tick.at())) {
      set(tick.at());
      return false;
    }
    return true;
  }

  private void set(Instant moment) {
    var delay = Duration.between(clock.instant(), moment);
    if (delay.isNegative() || delay.isZero()) {
      timers.cancel(KEY);
      entity.tell(new Tick(moment));
    } else {
      timers.startSingleTimer(
          KEY, new Tick(moment), delay.compareTo(TIMER_MAX) < 0 ? delay : TIMER_MAX);
    }
  }
}
