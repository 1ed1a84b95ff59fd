package io.turboprop.node;

import io.turboprop.data.ExecutionId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Child executions with the status that the test sets; records the calls. */
final class TestingChildren implements ChildExecutions {
  final List<NewChild> orders = new ArrayList<>();
  final List<ExecutionId> looks = new ArrayList<>();
  final List<String> aborts = new ArrayList<>();
  private ChildStatus standing = new ChildStatus.Running();
  private Optional<RuntimeException> failure = Optional.empty();

  void stand(ChildStatus next) {
    standing = next;
    failure = Optional.empty();
  }

  /** Fails every call from now on. */
  void fail() {
    failure = Optional.of(new IllegalStateException("no answer"));
  }

  @Override
  public CompletionStage<ChildStatus> start(NewChild order) {
    orders.add(order);
    return answer();
  }

  @Override
  public CompletionStage<ChildStatus> look(ExecutionId child) {
    looks.add(child);
    return answer();
  }

  @Override
  public CompletionStage<Void> abort(ExecutionId child, String cause) {
    aborts.add(child.name() + ": " + cause);
    return CompletableFuture.completedStage(null);
  }

  private CompletionStage<ChildStatus> answer() {
    return failure
        .map(CompletableFuture::<ChildStatus>failedStage)
        .orElseGet(() -> CompletableFuture.completedStage(standing));
  }
}
