package io.turboprop.workflow.entity;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.data.Values;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.decide.WorkflowCommand.Abort;
import io.turboprop.workflow.decide.WorkflowCommand.Tick;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
import io.turboprop.workflow.state.ExecutionSettings;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.TestInbox;
import org.junit.jupiter.api.Test;

final class InboxTest {
  private final Inbox inbox = new Inbox(2);
  private final TestInbox<Reply> client = TestInbox.create();

  @Test
  void clientsAreRefusedOnlyWhenTooManyOfThemWait() {
    for (int i = 0; i < 5; i++) {
      inbox.add(new Tick());
    }
    assertThat(offer("first")).isTrue();
    assertThat(offer("second")).isTrue();
    assertThat(offer("third")).isFalse();
    inbox.take();
    assertThat(offer("third")).isTrue();
  }

  @Test
  void clientsAreAnsweredWhenTheirCommandsAreWritten() {
    offer("why");
    inbox.add(new Tick());
    assertThat(inbox.take()).containsExactly(new Abort("why"), new Tick());
    assertThat(inbox.isEmpty()).isTrue();
    assertThat(client.hasMessages()).isFalse();
    inbox.written(
        List.of(
            new Decision.Reject(Decision.Reason.ALREADY_ENDED, "it has ended"), Decision.IGNORE));
    assertThat(client.getAllReceived())
        .containsExactly(new Reply.Rejected(Decision.Reason.ALREADY_ENDED, "it has ended"));
    assertThat(inbox.isWriting()).isFalse();
  }

  @Test
  void anAbortIsServedBeforeWhateverWaitsButNotBeforeTheStart() {
    var start = new WorkflowCommand.Start("digest", Values.NONE, ExecutionSettings.DEFAULT);
    inbox.add(start);
    inbox.add(new Tick());
    offer("why");
    assertThat(inbox.take()).containsExactly(start, new Abort("why"), new Tick());
  }

  @Test
  void aTurnIsBoundedAndTheRestWaitsForTheNext() {
    for (int i = 0; i < Inbox.TURN_MAX + 1; i++) {
      inbox.add(new Tick());
    }
    offer("why");
    assertThat(inbox.take()).hasSize(1 + Inbox.TURN_MAX).startsWith(new Abort("why"));
    assertThat(inbox.take()).hasSize(1);
    assertThat(inbox.isEmpty()).isTrue();
  }

  @Test
  void whatWasPerhapsNotWrittenComesFirstAndCountsAgain() {
    offer("first");
    offer("second");
    inbox.take();
    inbox.add(new Tick());
    inbox.putBack();
    assertThat(offer("third")).isFalse();
    assertThat(inbox.take()).containsExactly(new Abort("first"), new Abort("second"), new Tick());
  }

  @Test
  void allCanBeRefusedAtOnceThoseThatAreBeingWrittenToo() {
    offer("first");
    inbox.take();
    offer("second");
    var refusal = new Reply.Rejected(Decision.Reason.BUSY, "not here");
    inbox.refuseAll(refusal);
    assertThat(client.getAllReceived()).containsExactly(refusal, refusal);
    assertThat(inbox.isEmpty()).isTrue();
    assertThat(inbox.isWriting()).isFalse();
  }

  private boolean offer(String cause) {
    return inbox.offer(new Abort(cause), client.getRef());
  }
}
