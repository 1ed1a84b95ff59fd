package io.turboprop.resource;

import com.google.protobuf.ByteString;
import flyteidl.core.Literals.Literal;
import flyteidl.core.Types.LiteralType;
import io.turboprop.data.ExecutionError;
import io.turboprop.data.Literals;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Outputs;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A plugin for tasks of any interface: each task immediately makes a value of each output's type,
 * unless the test makes it fail for good.
 */
final class ScriptedPlugin implements TaskPlugin {
  static final ExecutionError FAILURE = ExecutionError.user("Scripted", "it has to fail");

  private final Set<String> failing;
  private final List<String> ran = new CopyOnWriteArrayList<>();

  /**
   * @param failing the names of the tasks that fail
   */
  ScriptedPlugin(String... failing) {
    this.failing = Set.of(failing);
  }

  /** The names of the tasks that were run, in order. */
  List<String> ran() {
    return ran;
  }

  @Override
  public String id() {
    return "scripted";
  }

  @Override
  public CompletionStage<TaskTransition> handle(TaskContext task, ByteString state) {
    var name = task.template().getId().getName();
    ran.add(name);
    return CompletableFuture.completedFuture(
        failing.contains(name)
            ? new TaskTransition.Failed(FAILURE, false, TaskInfo.NONE)
            : new TaskTransition.Succeeded(new Outputs.Inline(outputs(task)), TaskInfo.NONE));
  }

  private static Literals outputs(TaskContext task) {
    var outputs = new HashMap<String, Literal>();
    task.template()
        .getInterface()
        .getOutputs()
        .getVariablesMap()
        .forEach((name, variable) -> outputs.put(name, some(variable.getType())));
    return Literals.of(outputs);
  }

  private static Literal some(LiteralType type) {
    var literal = Literal.newBuilder();
    switch (type.getTypeCase()) {
      case BLOB ->
          literal
              .getScalarBuilder()
              .getBlobBuilder()
              .setUri("mem://some")
              .getMetadataBuilder()
              .setType(type.getBlob());
      case SIMPLE -> literal.getScalarBuilder().getPrimitiveBuilder().setInteger(1);
      default -> throw new IllegalArgumentException("no script for " + type);
    }
    return literal.build();
  }

  @Override
  public CompletionStage<Void> abort(TaskContext task, ByteString state) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public CompletionStage<Void> finish(TaskContext task, ByteString state) {
    return CompletableFuture.completedFuture(null);
  }
}
