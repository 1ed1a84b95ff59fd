package io.turboprop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.workflow.entity.WorkflowEntity.Activate;
import io.turboprop.workflow.entity.WorkflowEntity.Message;
import io.turboprop.workflow.entity.WorkflowEntity.Stop;
import org.apache.pekko.actor.testkit.typed.Effect.Scheduled;
import org.apache.pekko.actor.testkit.typed.javadsl.BehaviorTestKit;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;

class PacedStopTest {
  private final HandOverPace pace = new HandOverPace(64, () -> 0);

  private BehaviorTestKit<Message> entity(PacedStop stop) {
    return BehaviorTestKit.create(
        Behaviors.intercept(
            () -> stop,
            Behaviors.receive(Message.class)
                .onMessage(Stop.class, _ -> Behaviors.stopped())
                .onAnyMessage(_ -> Behaviors.same())
                .build()));
  }

  @Test
  void anEntityGoesOnUntilItsShardHasItsTurn() {
    var first = entity(new PacedStop(pace, "a"));
    first.run(new Stop());
    assertThat(first.isAlive()).isFalse();
    var second = entity(new PacedStop(pace, "b"));
    second.run(new Stop());
    assertThat(second.isAlive()).isTrue();
    assertThat(second.expectEffectClass(Scheduled.class).delay().toMillis()).isEqualTo(50);

    second.run(new Activate());
    assertThat(second.isAlive()).isTrue();
    second.run(new Stop());
    assertThat(second.isAlive()).isFalse();
  }

  @Test
  void anEntityThatHasAskedForItStopsAtOnce() {
    pace.untilTurnOf("a");
    var stop = new PacedStop(pace, "b");
    var entity = entity(stop);
    stop.passivates();
    entity.run(new Stop());
    assertThat(entity.isAlive()).isFalse();
  }
}
