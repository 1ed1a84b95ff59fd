package io.turboprop.plugin.local;

import io.turboprop.data.ExecutionError;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.TaskInfo;
import io.turboprop.plugin.TaskTransition;
import io.turboprop.plugin.TaskTransition.Failed;
import io.turboprop.plugin.TaskTransition.Outputs;
import io.turboprop.plugin.TaskTransition.Succeeded;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;

/**
 * Maps the end of an attempt's process to the attempt's result.
 *
 * @param info the information about the attempt for clients
 */
record Completion(TaskContext task, WorkDirectory directory, TaskInfo info) {
  private static final int ERROR_TAIL_BYTES = 4 * 1024;

  /**
   * The result of an attempt that has written an exit code.
   *
   * @param memoryWasShort whether the kernel's OOM killer has killed processes meanwhile
   */
  TaskTransition of(int exitCode, boolean memoryWasShort)
      throws IOException, TaskSpecificationException {
    if (exitCode != 0) {
      // An error file of the task itself says more than the exit code.
      return hasErrorFile()
          ? new Succeeded(new Outputs.Files(), info)
          : failure(exitCode, memoryWasShort);
    }
    return ContainerSpec.of(task.template()).isRaw()
        ? rawOutputs()
        : new Succeeded(new Outputs.Files(), info);
  }

  /** The result of an attempt that has ended without an exit code. */
  TaskTransition lost(LocalProcess process) {
    var message =
        "the process %d of %s is gone, and has left no exit code"
            .formatted(process.pid(), task.generatedName());
    return new Failed(ExecutionError.system("ResourceDeletedExternally", message), true, info);
  }

  /**
   * An unreadable error file counts as well: the engine reports the problem when it reads the
   * files.
   */
  private boolean hasErrorFile() throws IOException {
    try {
      return task.store().size(task.outputPrefix().child("error.pb")).isPresent();
    } catch (AccessDeniedException _) {
      return true;
    }
  }

  private TaskTransition rawOutputs() throws IOException {
    var outputs = new RawOutputs(task.store(), directory.outputs(), task.rawOutputPrefix());
    try {
      var literals = outputs.read(task.template().getInterface().getOutputs());
      return new Succeeded(new Outputs.Inline(literals), info);
    } catch (RawOutputs.RawOutputException e) {
      return new Failed(e.error(), true, info);
    }
  }

  private TaskTransition failure(int exitCode, boolean memoryWasShort) throws IOException {
    return switch (ExitCode.of(exitCode)) {
      case KILLED ->
          new Failed(
              memoryWasShort
                  ? ExecutionError.system("OOMKilled", message(exitCode, "OOMKilled"))
                  : ExecutionError.user("Interrupted", message(exitCode, "Interrupted")),
              true,
              info);
      case TERMINATED ->
          new Failed(
              ExecutionError.user("Interrupted", message(exitCode, "Interrupted")), true, info);
      case NOT_STARTED ->
          new Failed(
              ExecutionError.user("BadTaskSpecification", message(exitCode, "command not found")),
              false,
              info);
      case ERROR ->
          new Failed(ExecutionError.user("Error", message(exitCode, "Error")), true, info);
    };
  }

  private String message(int exitCode, String reason) throws IOException {
    return "[%s] terminated with exit code (%d). Reason [%s]. Message: \n%s."
        .formatted(
            task.generatedName(),
            exitCode,
            reason,
            LogFiles.tail(directory.standardError(), ERROR_TAIL_BYTES));
  }

  /** The kinds of exit codes other than 0. */
  enum ExitCode {
    /**
     * The process was killed by SIGKILL: from the task itself, a user or the kernel. The engine's
     * own kills are handled elsewhere.
     */
    KILLED,
    /** The process was ended by SIGTERM, which the kernel never sends. */
    TERMINATED,
    /** The command does not exist, or can't be executed. */
    NOT_STARTED,
    /** The command itself has reported a failure. */
    ERROR;

    /**
     * The kind of an exit code.
     *
     * @param exitCode 128 + signal when the process was killed; flytekit's wrapper turns SIGTERM
     *     and SIGKILL into 241 and 247
     */
    static ExitCode of(int exitCode) {
      return switch (exitCode) {
        case 137, 247 -> KILLED;
        case 143, 241 -> TERMINATED;
        case 126, 127 -> NOT_STARTED;
        default -> ERROR;
      };
    }
  }
}
