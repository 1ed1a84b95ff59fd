package io.turboprop.node;

import com.google.protobuf.ByteString;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A plugin with scripted answers, which records its calls. */
final class TestingPlugin implements TaskPlugin {
  final Deque<TaskTransition> answers = new ArrayDeque<>();

  /** A call, such as {@code handle}, and the state that was passed with it. */
  final List<String> calls = new ArrayList<>();

  @Override
  public String id() {
    return "testing";
  }

  @Override
  public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
    calls.add("handle " + state.toStringUtf8());
    return CompletableFuture.completedFuture(answers.removeFirst());
  }

  @Override
  public CompletionStage<Void> abort(TaskContext task, ByteString state) {
    return called("abort", state);
  }

  @Override
  public CompletionStage<Void> finish(TaskContext task, ByteString state) {
    return called("finish", state);
  }

  private CompletionStage<Void> called(String call, ByteString state) {
    calls.add(call + " " + state.toStringUtf8());
    return CompletableFuture.completedFuture(null);
  }
}
