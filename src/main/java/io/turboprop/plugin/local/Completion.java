package io.turboprop.plugin.local;

import io.turboprop.data.ExecutionError;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.Outputs;
import io.turboprop.plugin.TaskTransition.Succeeded;
import java.io.IOException;

/** What it means that an attempt's process has ended (tasks §11.7). */
final class Completion {
  private static final int ERROR_TAIL_BYTES = 4 * 1024;

  private Completion() {}

  /** The result of an attempt that has left an exit code. */
  static TaskTransition of(TaskContext task, WorkDirectory directory, int exitCode, TaskInfo info)
      throws IOException, TaskSpecificationException {
    if (exitCode != 0) {
      // An error that the task itself has written says more than its exit code.
      return hasErrorFile(task)
          ? new Succeeded(new Outputs.Files(), info)
          : failure(task.generatedName(), exitCode, directory, info);
    }
    return ContainerSpec.of(task.template()).isRaw()
        ? rawOutputs(task, directory, info)
        : new Succeeded(new Outputs.Files(), info);
  }

  /** The result of an attempt that has ended without leaving an exit code. */
  static TaskTransition lost(TaskContext task, LocalProcess process, TaskInfo info) {
    var message =
        "the process "
            + process.pid()
            + " of "
            + task.generatedName()
            + " is gone, and has left no exit code";
    return new Failed(ExecutionError.system("ResourceDeletedExternally", message), true, info);
  }

  private static boolean hasErrorFile(TaskContext task) throws IOException {
    return task.store().size(task.outputPrefix().child("error.pb")).isPresent();
  }

  private static TaskTransition rawOutputs(TaskContext task, WorkDirectory directory, TaskInfo info)
      throws IOException {
    var outputs = new RawOutputs(task.store(), directory.outputs(), task.rawOutputPrefix());
    try {
      var literals = outputs.read(task.template().getInterface().getOutputs());
      return new Succeeded(new Outputs.Inline(literals), info);
    } catch (RawOutputs.RawOutputException e) {
      return new Failed(e.error(), true, info);
    }
  }

  private static TaskTransition failure(
      String name, int exitCode, WorkDirectory directory, TaskInfo info) throws IOException {
    var tail = LogFiles.tail(directory.standardError(), ERROR_TAIL_BYTES);
    return switch (ExitCode.of(exitCode)) {
      case INTERRUPTED ->
          new Failed(
              ExecutionError.system("Interrupted", message(name, exitCode, "Interrupted", tail)),
              true,
              info);
      case NOT_STARTED ->
          new Failed(
              ExecutionError.user(
                  "BadTaskSpecification", message(name, exitCode, "command not found", tail)),
              false,
              info);
      case ERROR ->
          new Failed(
              ExecutionError.user("Error", message(name, exitCode, "Error", tail)), true, info);
    };
  }

  private static String message(String name, int exitCode, String reason, String tail) {
    return "[%s] terminated with exit code (%d). Reason [%s]. Message: \n%s."
        .formatted(name, exitCode, reason, tail);
  }

  /** Kinds of exit codes other than 0. */
  enum ExitCode {
    /** Somebody has killed it. */
    INTERRUPTED,
    /** There is no such command, or it cannot be executed. */
    NOT_STARTED,
    /** The command itself says that it has failed. */
    ERROR;

    /**
     * The kind of one code.
     *
     * @param exitCode 128 + signal when the process was killed; 241 and 247 are what flytekit's
     *     wrapper makes of SIGTERM and SIGKILL
     */
    static ExitCode of(int exitCode) {
      return switch (exitCode) {
        case 137, 247, 143, 241 -> INTERRUPTED;
        case 126, 127 -> NOT_STARTED;
        default -> ERROR;
      };
    }
  }
}
