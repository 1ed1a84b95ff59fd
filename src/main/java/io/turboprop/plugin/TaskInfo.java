package io.turboprop.plugin;

import com.google.protobuf.Struct;
import flyteidl.core.Execution.TaskLog;
import java.util.List;
import java.util.Optional;

/** The information about an attempt that clients see besides its phase. */
public record TaskInfo(List<TaskLog> logs, Optional<String> reason, Optional<Struct> customInfo) {
  /**
   * The field of the custom information, in the form of ISO 8601, with the time at which the task's
   * own code began to run. A plugin that starts a process and knows it may give it at the end of
   * the attempt; the start-up is told apart by it.
   */
  public static final String CODE_BEGAN_AT = "codeBeganAt";

  public static final TaskInfo NONE = new TaskInfo(List.of(), Optional.empty(), Optional.empty());
}
