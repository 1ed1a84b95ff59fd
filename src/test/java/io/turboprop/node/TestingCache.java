package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.data.Literals;
import io.turboprop.workflow.state.AttemptSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A catalog with scripted answers, which records its calls. */
final class TestingCache implements AttemptCache {
  static final AttemptSummary.Cache MISS =
      new AttemptSummary.Cache(AttemptSummary.CacheStatus.MISS, ByteString.copyFromUtf8("key"));
  static final AttemptSummary.Cache KEPT =
      new AttemptSummary.Cache(
          AttemptSummary.CacheStatus.POPULATED, ByteString.copyFromUtf8("key"));

  final List<String> calls = new ArrayList<>();
  Verdict verdict = new Verdict.Run(MISS);
  Optional<Duration> heartbeat = Optional.empty();

  @Override
  public boolean keeps() {
    return true;
  }

  @Override
  public CompletionStage<Verdict> ask(Literals inputs) {
    return called("ask", verdict);
  }

  @Override
  public CompletionStage<Verdict.Run> resume(Literals inputs) {
    return called("resume", new Verdict.Run(MISS));
  }

  @Override
  public Optional<Duration> heartbeat() {
    return heartbeat;
  }

  @Override
  public CompletionStage<Void> extend() {
    calls.add("extend");
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<AttemptSummary.Cache> keep(Literals inputs, Literals outputs) {
    return called("keep", KEPT);
  }

  @Override
  public CompletionStage<Void> release() {
    calls.add("release");
    return CompletableFuture.completedFuture(null);
  }

  private <T> CompletionStage<T> called(String call, T answer) {
    calls.add(call);
    return CompletableFuture.completedFuture(answer);
  }
}
