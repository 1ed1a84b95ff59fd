package io.turboprop.workflow.entity;

import static io.turboprop.workflow.state.Facts.WIDE;
import static io.turboprop.workflow.state.Facts.path;
import static io.turboprop.workflow.state.Facts.queued;
import static io.turboprop.workflow.state.Facts.started;
import static io.turboprop.workflow.state.Facts.succeeded;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Values;
import io.turboprop.workflow.plan.Plan;
import io.turboprop.workflow.plan.TestingPlans;
import io.turboprop.workflow.state.EventApplier;
import io.turboprop.workflow.state.WorkflowState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The loop of an entity whose only node {@code a} has a worker. */
final class EntityLoopTest {
  private static final Plan PLAN = TestingPlans.chain("a");
  private static final Instant LATER = Instant.parse("2026-01-01T00:01:00Z");

  /** What the worker was sent. */
  private final List<Worker.Message> sent = new ArrayList<>();

  private Optional<Instant> alarm = Optional.empty();

  private final EntityLoop<String> loop =
      new EntityLoop<>(
          new Inbox(10),
          new NodeWorkers.WorkerSpawner<>() {
            @Override
            public String start(Assignment assignment) {
              return assignment.path().text();
            }

            @Override
            public void tell(String worker, Worker.Message message) {
              assertThat(worker).isEqualTo("a");
              sent.add(message);
            }
          },
          moment -> alarm = moment);

  @BeforeEach
  void recover() {
    WorkflowState state = new WorkflowState.NotStarted(_ -> PLAN);
    for (var event : List.of(started(WIDE), succeeded("start-node"), queued("a"))) {
      state = EventApplier.evolve(state, event);
    }
    loop.recovered(execution(), state, Optional.of(LATER));
  }

  private static AcceptedExecution execution() {
    return new AcceptedExecution(
        new ExecutionId("p", "d", "e"),
        1,
        PLAN.digest(),
        Values.NONE,
        WIDE,
        ByteString.EMPTY,
        Instant.EPOCH,
        0,
        List.of());
  }

  @Test
  void theAlarmIsSetAfterARecovery() {
    assertThat(alarm).contains(LATER);
  }

  /** It may be about to sleep until the event, and then it need not sleep at all. */
  @Test
  void aWorkerLooksAgainWhenItsNodeIsNotified() {
    loop.notified(path("a"));
    loop.notified(path("other"));
    assertThat(sent).containsExactly(new Worker.LookAgain());
  }

  @Test
  void aWorkerLooksAgainWhenAQueryFindsItsNode() {
    loop.unseenRead(Optional.of(new Unseen(Optional.empty(), List.of(path("a"), path("other")))));
    assertThat(sent).containsExactly(new Worker.LookAgain());
  }
}
