package io.turboprop.workflow.entity;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.NodePath;
import io.turboprop.workflow.state.Progress;
import io.turboprop.workflow.state.WorkflowEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private static final Instant NOW = Instant.EPOCH;
  private static final NodePath NODE = NodePath.root("a");

  private final RetryBudget patience = new RetryBudget();

  @Test
  void outlastsEveryOutage() {
    for (int i = 0; i < 100; i++) {
      assertThat(patience.after(new RejectedExecutionException("the publisher has stopped")))
          .isPresent();
    }
  }

  @Test
  void endsWithTheFifthFailureThatIsNone() {
    failFourTimes();
    assertThat(patience.after(new IllegalStateException())).isEmpty();
  }

  @Test
  void isRestoredByAStepThatLeadsOn() {
    failFourTimes();
    patience.restoreAfter(
        List.of(new WorkflowEvent.NodeAwoken(NODE, 0, NOW), new WorkflowEvent.Succeeding(NOW)));
    failFourTimes();
  }

  @Test
  void isNotRestoredByWhatFollowsFromEveryRecovery() {
    failFourTimes();
    patience.restoreAfter(List.of());
    patience.restoreAfter(List.of(new WorkflowEvent.NodeAwoken(NODE, 0, NOW)));
    patience.restoreAfter(
        List.of(new WorkflowEvent.NodeRunning(NODE, 0, Progress.NONE, Optional.of(NOW), NOW)));
    assertThat(patience.after(new IllegalStateException())).isEmpty();
  }

  private void failFourTimes() {
    for (int i = 0; i < 4; i++) {
      assertThat(patience.after(new IllegalStateException())).isPresent();
    }
  }
}
