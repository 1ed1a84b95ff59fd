package io.turboprop.node;

import flyteidl.core.Interface.VariableMap;
import io.turboprop.data.DataReference;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.data.TaskOutputs;
import io.turboprop.data.Values;
import io.turboprop.plugin.TaskTransition.Outputs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * Reads and checks the results of a task that reports success: {@code error.pb}, {@code futures.pb}
 * and {@code outputs.pb}.
 */
final class TaskResults {
  private final DataStore store;
  private final TaskOutputs outputs;
  private final ValuesWriter writer;
  private final DynamicPlans dynamicPlans;
  private final Executor blocking;

  TaskResults(
      DataStore store,
      ValuesWriter writer,
      DynamicPlans dynamicPlans,
      Executor blocking,
      long sizeBytesMax) {
    this.store = store;
    this.outputs = new TaskOutputs(store, sizeBytesMax);
    this.writer = writer;
    this.dynamicPlans = dynamicPlans;
    this.blocking = blocking;
  }

  /** The checked results of a task. */
  sealed interface Result {
    record Done(Literals literals, Values values, Optional<String> deckUri) implements Result {}

    /** The task returned a graph instead of outputs; the graph is compiled to a plan. */
    record Expanded(String planDigest) implements Result {}

    record Failed(ExecutionError error, boolean recoverable) implements Result {}
  }

  CompletionStage<Result> of(TaskAttempt task, Outputs outputs) {
    return switch (outputs) {
      case Outputs.Inline(var literals) -> inline(task, literals);
      case Outputs.Files _ -> CompletableFuture.supplyAsync(() -> files(task), blocking);
    };
  }

  private CompletionStage<Result> inline(TaskAttempt task, Literals literals) {
    var declared = task.template().getInterface().getOutputs();
    if (!declared.getVariablesMap().keySet().equals(literals.map().getLiteralsMap().keySet())) {
      return CompletableFuture.completedFuture(mismatch(declared, literals));
    }
    return writer
        .outputs(task.assignment(), literals)
        .thenApply(values -> new Result.Done(literals, values, Optional.empty()));
  }

  private static Result mismatch(VariableMap declared, Literals literals) {
    return new Result.Failed(
        ExecutionError.system(
            "OutputsNotFound",
            "the task declares the outputs %s and made %s"
                .formatted(
                    new TreeSet<>(declared.getVariablesMap().keySet()),
                    new TreeSet<>(literals.map().getLiteralsMap().keySet()))),
        false);
  }

  private Result files(TaskAttempt task) {
    try {
      var declared = task.template().getInterface().getOutputs().getVariablesCount() > 0;
      return switch (outputs.read(task.files(), declared)) {
        case TaskOutputs.Result.Outputs made -> made(task, made);
        case TaskOutputs.Result.Failure(var error, var recoverable) ->
            new Result.Failed(error, recoverable);
        case TaskOutputs.Result.Futures(var specification) -> graph(task, specification);
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Result graph(TaskAttempt task, DataReference specification) throws IOException {
    return switch (dynamicPlans.expand(task.assignment(), task.template(), specification)) {
      case DynamicPlans.Expansion.Planned(var digest) -> new Result.Expanded(digest);
      case DynamicPlans.Expansion.Refused(var error) -> new Result.Failed(error, false);
    };
  }

  private Result made(TaskAttempt task, TaskOutputs.Result.Outputs made) throws IOException {
    return new Result.Done(made.literals(), values(task, made), deck(task));
  }

  /**
   * As {@link #deck}, on another thread: a running or failed attempt may have written a deck, too.
   */
  CompletionStage<Optional<String>> deckOf(TaskAttempt task) {
    return CompletableFuture.supplyAsync(() -> deck(task), blocking);
  }

  /** The location of an attempt's deck, if the attempt has written a deck; blocks. */
  Optional<String> deck(TaskAttempt task) {
    return outputs.deck(task.files(), task.template().getMetadata()).map(DataReference::uri);
  }

  /** A referenced file has to be on disk before the reference is recorded. */
  private Values values(TaskAttempt task, TaskOutputs.Result.Outputs made) throws IOException {
    if (made.sizeBytes() <= task.assignment().execution().settings().inlineBytesMax()) {
      return new Values.Inline(made.literals());
    }
    store.sync(task.files().outputs());
    return new Values.Stored(task.files().outputs());
  }
}
