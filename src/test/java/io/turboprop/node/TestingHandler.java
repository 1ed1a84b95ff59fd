package io.turboprop.node;

import io.turboprop.workflow.state.Progress;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;

/** A handler whose calls a test observes one by one and completes. */
final class TestingHandler implements NodeHandler {

  /** The calls, in the order of their arrival. */
  enum Call {
    HANDLE,
    ABORT,
    FINISH
  }

  private final TestProbe<Call> calls;
  private final Queue<CompletableFuture<NodeTransition>> handles = new ArrayDeque<>();
  private final Queue<CompletableFuture<Void>> others = new ArrayDeque<>();

  TestingHandler(TestProbe<Call> calls) {
    this.calls = calls;
  }

  @Override
  public synchronized CompletionStage<NodeTransition> handle(Progress progress) {
    var result = new CompletableFuture<NodeTransition>();
    handles.add(result);
    calls.getRef().tell(Call.HANDLE);
    return result;
  }

  @Override
  public synchronized CompletionStage<Void> abort(Progress progress, String cause) {
    return other(Call.ABORT);
  }

  @Override
  public synchronized CompletionStage<Void> finish(Progress progress) {
    return other(Call.FINISH);
  }

  private CompletionStage<Void> other(Call call) {
    var result = new CompletableFuture<Void>();
    others.add(result);
    calls.getRef().tell(call);
    return result;
  }

  /** Completes the first pending call of {@code handle}. */
  synchronized void answer(NodeTransition transition) {
    handles.remove().complete(transition);
  }

  /** Like {@link #answer}, with a failure. */
  void fail(String message) {
    fail(new IllegalStateException(message));
  }

  /** Like {@link #answer}, with this failure. */
  synchronized void fail(Throwable cause) {
    handles.remove().completeExceptionally(cause);
  }

  /** Completes the first pending call of {@code abort} or {@code finish}. */
  synchronized void done() {
    others.remove().complete(null);
  }

  void undone() {
    undone(new IllegalStateException("not stopped"));
  }

  /** Fails the first pending call of {@code abort} or {@code finish}. */
  synchronized void undone(Throwable cause) {
    others.remove().completeExceptionally(cause);
  }
}
