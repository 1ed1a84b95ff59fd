package io.turboprop.admin.executions;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.ExecutionId;
import io.turboprop.workflow.decide.Decision.Reason;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class AbortMessagesTest {
  private static final ExecutionId ID = new ExecutionId("p", "d", "e");
  private final TestingWorkflows workflows = new TestingWorkflows();
  private final AbortMessages messages = new AbortMessages(workflows, Duration.ofMillis(1));

  @Test
  @Timeout(60)
  void isRepeatedUntilItIsHeard() {
    workflows.answers.add(CompletableFuture.failedStage(new TimeoutException("no answer")));
    workflows.answers.add(
        CompletableFuture.completedStage(new Reply.Rejected(Reason.BUSY, "too many")));
    messages.send(ID, "why");
    while (workflows.aborted.size() < 3) {
      Thread.onSpinWait();
    }
    assertThat(workflows.aborted).containsExactly("why", "why", "why");
  }

  @Test
  void anEndedExecutionNeedsNoNotification() {
    workflows.answers.add(
        CompletableFuture.completedStage(new Reply.Rejected(Reason.ALREADY_ENDED, "it is over")));
    messages.send(ID, "why");
    assertThat(workflows.aborted).containsExactly("why");
  }
}
