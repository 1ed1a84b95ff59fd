package io.turboprop.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.turboprop.data.DataReference;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.Layout;
import io.turboprop.data.Literals;
import io.turboprop.data.MemoryDataStore;
import io.turboprop.data.NodePath;
import io.turboprop.node.PastNodes.PastNode;
import io.turboprop.node.PastNodes.Result;
import io.turboprop.plugin.BlockingCalls;
import io.turboprop.workflow.decide.Work;
import io.turboprop.workflow.state.AttemptSummary;
import io.turboprop.workflow.state.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReuseHandlerTest {
  private static final DataReference CHECKPOINTS = new DataReference("file:///earlier/checkpoints");
  private static final Progress QUEUED =
      new Progress(2, 0, ByteString.EMPTY, ByteString.copyFromUtf8("waits for a slot"));

  private static final PastNode FAILED =
      new PastNode(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(CHECKPOINTS));

  private static final PastNode SUCCEEDED = succeeded(Optional.empty());

  private final MemoryDataStore store = new MemoryDataStore();
  private final List<RecoveryState> ran = new ArrayList<>();

  @Test
  void aSucceededNodeIsNotRunAgain() {
    assertThat(handle(SUCCEEDED, Progress.NONE)).isInstanceOf(NodeTransition.Recovered.class);
    assertThat(ran).isEmpty();
  }

  @Test
  void aFailedNodeGoesOnFromItsCheckpoints() {
    handle(FAILED, Progress.NONE);
    assertThat(ran).containsExactly(RecoveryState.whole(FAILED));
  }

  @Test
  void anAttemptThatARestartMeetsUnderWayStillHasTheCheckpoints() {
    handle(FAILED, QUEUED);
    assertThat(ran).containsExactly(RecoveryState.whole(FAILED));
  }

  @Test
  void anAttemptThatIsUnderWayIsNotTakenFromTheEarlierExecution() {
    handle(SUCCEEDED, QUEUED);
    assertThat(ran).hasSize(1);
  }

  @Test
  void theDeckIsCopiedForItGoesWithTheEarlierExecution() throws IOException {
    var deck = store.base().child("earlier.html");
    store.write(deck, ByteString.copyFromUtf8("a deck"));

    var uri = recovered(deck).deckUri().orElseThrow();
    store.delete(deck);

    assertThat(store.read(new DataReference(uri), 10)).isEqualTo(ByteString.copyFromUtf8("a deck"));
  }

  @Test
  void aDeletedDeckIsLeftOut() {
    assertThat(recovered(store.base().child("gone.html")).deckUri()).isEmpty();
  }

  private AttemptSummary recovered(DataReference deck) {
    return ((NodeTransition.Recovered) handle(succeeded(Optional.of(deck.uri())), Progress.NONE))
        .conclusion();
  }

  private static PastNode succeeded(Optional<String> deckUri) {
    return PastNode.of(
        new Result(
            ByteString.EMPTY,
            Literals.EMPTY,
            Literals.EMPTY,
            AttemptSummary.NONE.cache(),
            deckUri));
  }

  @Test
  void anAttemptThatIsOnlyStoppedIsNotLookedUp() {
    handler(FAILED).abort(QUEUED, "enough").toCompletableFuture().join();
    assertThat(ran).containsExactly(RecoveryState.NONE);
  }

  @Test
  void aNodeThatTheEarlierExecutionDoesNotHaveIsRun() {
    handler(Optional.empty(), false).handle(Progress.NONE).toCompletableFuture().join();
    assertThat(ran).containsExactly(RecoveryState.NONE);
  }

  @Test
  void aNodeOfADeletedExecutionIsNotRunAgainInSilence() {
    var transition =
        handler(Optional.empty(), true).handle(Progress.NONE).toCompletableFuture().join();

    assertThat(transition)
        .isInstanceOfSatisfying(
            NodeTransition.Failed.class,
            failed -> {
              assertThat(failed.error().code()).isEqualTo("SourceGone");
              assertThat(failed.error().message()).contains("p:d:earlier", "keep-executions");
              assertThat(failed.recoverable()).isFalse();
            });
    assertThat(ran).isEmpty();
  }

  private NodeTransition handle(PastNode past, Progress progress) {
    return handler(past).handle(progress).toCompletableFuture().join();
  }

  private ReuseHandler handler(PastNode past) {
    return handler(Optional.of(past), false);
  }

  private ReuseHandler handler(Optional<PastNode> past, boolean gone) {
    return new ReuseHandler(
        TestingAssignments.of(new Work.RunNode(NodePath.root("a"), 0)),
        new ExecutionId("p", "d", "earlier"),
        new ReuseHandler.Rule.Recover(),
        new TestingPastNodes(past, gone),
        new NodeInputsReader(store, Layout.of(store.base()), Runnable::run, 1_000),
        new ValuesWriter(store, Layout.of(store.base()), Runnable::run),
        new DeckCopies(store, Layout.of(store.base()), new BlockingCalls(Runnable::run)),
        remains -> {
          ran.add(remains);
          return new RefusedHandler(ExecutionError.user("Ran", "it has been run"));
        },
        Runnable::run);
  }
}
