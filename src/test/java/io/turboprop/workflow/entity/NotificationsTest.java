package io.turboprop.workflow.entity;

import static io.turboprop.workflow.state.Facts.WIDE;
import static io.turboprop.workflow.state.Facts.asleep;
import static io.turboprop.workflow.state.Facts.path;
import static io.turboprop.workflow.state.Facts.queued;
import static io.turboprop.workflow.state.Facts.running;
import static io.turboprop.workflow.state.Facts.started;
import static io.turboprop.workflow.state.Facts.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.WorkflowEvent;
import io.turboprop.workflow.state.WorkflowState;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NotificationsTest {
  private static final Plan PLAN = TestingPlans.chain("a", "b");
  private static final WorkflowCommand LOOK_AT_A =
      new WorkflowCommand.LookAgain(List.of(path("a")));

  private final Notifications notifications = new Notifications();
  private WorkflowState state = new WorkflowState.NotStarted(_ -> PLAN);

  private void happen(WorkflowEvent... events) {
    for (var event : events) {
      state = EventApplier.evolve(state, event);
    }
  }

  @Test
  void aNotificationThatComesBeforeTheSleepIsKeptUntilTheNodeSleeps() {
    happen(started(WIDE), succeeded("start-node"), queued("a"), running("a", 5));
    notifications.notified(path("a"));
    assertThat(notifications.commands(state)).isEmpty();
    happen(asleep("a"));
    assertThat(notifications.commands(state)).containsExactly(LOOK_AT_A);
    assertThat(notifications.commands(state)).isEmpty();
  }

  @Test
  void whatAQueryFindsWakesTheNodeThatSleeps() {
    happen(started(WIDE), succeeded("start-node"), queued("a"), asleep("a"));
    notifications.found(new Unseen(Optional.empty(), List.of(path("a"))));
    assertThat(notifications.commands(state)).containsExactly(LOOK_AT_A);
  }

  @Test
  void theNotificationOfANodeThatHasEndedIsRemoved() {
    happen(started(WIDE), succeeded("start-node"), queued("a"), running("a", 5));
    notifications.notified(path("a"));
    happen(succeeded("a"));
    assertThat(notifications.commands(state)).isEmpty();
  }

  @Test
  void anAbortIsKeptUntilTheExecutionHasStarted() {
    notifications.found(new Unseen(Optional.of("enough"), List.of()));
    assertThat(notifications.commands(state)).isEmpty();
    happen(started(WIDE));
    assertThat(notifications.commands(state)).containsExactly(new WorkflowCommand.Abort("enough"));
    assertThat(notifications.commands(state)).isEmpty();
  }

  @Test
  void anActivationDuringAQueryAsksForAnotherOne() {
    notifications.activated();
    assertThat(notifications.beginsQuery()).isTrue();
    notifications.activated();
    assertThat(notifications.beginsQuery()).isFalse();
    assertThat(notifications.awaitsQuery()).isTrue();
    notifications.queryEnded();
    assertThat(notifications.beginsQuery()).isTrue();
    notifications.queryEnded();
    assertThat(notifications.beginsQuery()).isFalse();
    assertThat(notifications.awaitsQuery()).isFalse();
  }
}
