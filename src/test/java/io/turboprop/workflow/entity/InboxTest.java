package io.turboprop.workflow.entity;

import static org.assertj.core.api.Assertions.assertThat;

import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.WorkflowCommand.Abort;
import io.turboprop.workflow.decide.WorkflowCommand.Tick;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
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
    inbox.add(new Tick());
    offer("why");
    assertThat(inbox.take()).containsExactly(new Tick(), new Abort("why"));
    assertThat(inbox.isEmpty()).isTrue();
    assertThat(client.hasMessages()).isFalse();
    inbox.written(
        List.of(
            Decision.IGNORE, new Decision.Reject(Decision.Reason.ALREADY_ENDED, "it has ended")));
    assertThat(client.getAllReceived())
        .containsExactly(new Reply.Rejected(Decision.Reason.ALREADY_ENDED, "it has ended"));
    assertThat(inbox.isWriting()).isFalse();
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
