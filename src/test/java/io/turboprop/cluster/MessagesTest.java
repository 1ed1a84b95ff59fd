package io.turboprop.cluster;

import com.typesafe.config.ConfigFactory;
import io.turboprop.data.NodePath;
import io.turboprop.workflow.decide.Decision;
import io.turboprop.workflow.decide.WorkflowCommand;
import io.turboprop.workflow.entity.WorkflowEntity;
import io.turboprop.workflow.entity.WorkflowEntity.Reply;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the nodes of a cluster say to each other, as it goes over the wire. */
final class MessagesTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(
          ConfigFactory.parseString("pekko.actor.provider = local")
              .withFallback(ClusterNode.messages())
              .withFallback(ConfigFactory.load()));

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  static Stream<Object> messages() {
    return Stream.of(
        new WorkflowEntity.Activate(),
        new WorkflowEntity.LookAgain(NodePath.root("n0").child(2, "n1")),
        new WorkflowEntity.Ask(
            new WorkflowCommand.Abort("why"), KIT.<Reply>createTestProbe().getRef()),
        new WorkflowEntity.Stop(),
        new Reply.Accepted(),
        new Reply.Rejected(Decision.Reason.BUSY, "too many"));
  }

  @ParameterizedTest
  @MethodSource("messages")
  void everyMessageComesAsItWasSent(Object message) {
    KIT.serializationTestKit().verifySerialization(message, true);
  }
}
