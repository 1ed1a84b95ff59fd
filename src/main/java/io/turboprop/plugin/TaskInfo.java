package io.turboprop.plugin;

import com.google.protobuf.Struct;
import flyteidl.core.Execution.TaskLog;
import java.util.List;
import java.util.Optional;

/** The information about an attempt that clients see besides its phase. */
public record TaskInfo(List<TaskLog> logs, Optional<String> reason, Optional<Struct> customInfo) {
  public static final TaskInfo NONE = new TaskInfo(List.of(), Optional.empty(), Optional.empty());
}
