package io.turboprop.plugin.local;

import flyteidl.core.Execution.TaskLog;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.FileTrees;
import io.turboprop.plugin.TaskInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The logs of attempts: where clients find them, and that they do not grow too big. */
final class TaskLogs {
  private static final Logger LOG = LoggerFactory.getLogger(TaskLogs.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Path folder;
  private final String endpoint;
  private final long sizeBytesMax;
  private final Map<String, WorkDirectory> growing = new ConcurrentHashMap<>();

  /**
   * @param folder of all logs, which the API serves as {@code <endpoint>/logs/}
   */
  TaskLogs(Path folder, String endpoint, long sizeBytesMax, PeriodicJobs jobs) {
    this.folder = folder;
    this.endpoint = endpoint;
    this.sizeBytesMax = sizeBytesMax;
    jobs.repeat(() -> growing.values().forEach(this::cut), PAUSE);
  }

  Path folder() {
    return folder;
  }

  /** What clients are shown of an attempt. */
  TaskInfo info(WorkDirectory directory) {
    return new TaskInfo(
        List.of(
            log("Local Logs", directory.standardOutput()),
            log("Local Logs (stderr)", directory.standardError())),
        Optional.empty(),
        Optional.empty());
  }

  private TaskLog log(String name, Path file) {
    var path = folder.relativize(file).toString();
    return TaskLog.newBuilder().setName(name).setUri(endpoint + "/logs/" + path).build();
  }

  /** Watches the logs of an attempt that runs. */
  void watch(WorkDirectory directory) {
    growing.put(directory.name(), directory);
  }

  /** Leaves the logs of an attempt that has ended, cut for the last time. */
  void leave(WorkDirectory directory) {
    growing.remove(directory.name());
    cut(directory);
  }

  /** Deletes those of an execution, of which nothing runs any more. */
  void delete(ExecutionId execution) throws IOException {
    FileTrees.delete(WorkDirectory.logs(execution, folder));
  }

  private void cut(WorkDirectory directory) {
    try {
      LogFiles.cut(directory.standardOutput(), sizeBytesMax);
      LogFiles.cut(directory.standardError(), sizeBytesMax);
    } catch (IOException e) {
      LOG.warn("the logs in {} cannot be cut", directory.logs(), e);
    }
  }
}
