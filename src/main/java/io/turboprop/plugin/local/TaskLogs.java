package io.turboprop.plugin.local;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import flyteidl.core.Execution.TaskLog;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.FileTrees;
import io.turboprop.plugin.TaskInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The logs of attempts: links for clients, and the limit on their size. */
final class TaskLogs {
  private static final Logger LOG = LoggerFactory.getLogger(TaskLogs.class);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Path folder;
  private final String endpoint;
  private final long sizeBytesMax;
  private final Map<String, WorkDirectory> growing = new ConcurrentHashMap<>();

  /**
   * @param folder the folder of all logs, which the API serves as {@code <endpoint>/logs/}
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

  /** The log links of an attempt, for clients. */
  TaskInfo info(WorkDirectory directory) {
    return new TaskInfo(
        List.of(
            log("Local Logs", directory.standardOutput()),
            log("Local Logs (stderr)", directory.standardError())),
        Optional.empty(),
        Optional.empty());
  }

  /** The same at the end of an attempt, with what the process has told of its start. */
  TaskInfo infoAtEnd(WorkDirectory directory) throws IOException {
    var info = info(directory);
    return new TaskInfo(info.logs(), info.reason(), directory.codeBeganAt().map(TaskLogs::startUp));
  }

  private static Struct startUp(Instant codeBeganAt) {
    var value = Value.newBuilder().setStringValue(codeBeganAt.toString()).build();
    return Struct.newBuilder().putFields(TaskInfo.CODE_BEGAN_AT, value).build();
  }

  private TaskLog log(String name, Path file) {
    var path = folder.relativize(file).toString();
    return TaskLog.newBuilder().setName(name).setUri(endpoint + "/logs/" + path).build();
  }

  /** Watches the logs of a running attempt. */
  void watch(WorkDirectory directory) {
    growing.put(directory.name(), directory);
  }

  /** Stops watching the logs of an ended attempt, after a last cut. */
  void leave(WorkDirectory directory) {
    growing.remove(directory.name());
    cut(directory);
  }

  /** The executions that have logs here. */
  List<ExecutionId> executions() throws IOException {
    var executions = new ArrayList<ExecutionId>();
    for (var project : subfolders(folder)) {
      for (var domain : subfolders(project)) {
        for (var execution : subfolders(domain)) {
          executions.add(new ExecutionId(name(project), name(domain), name(execution)));
        }
      }
    }
    return executions;
  }

  private static List<Path> subfolders(Path folder) throws IOException {
    try (var entries = Files.list(folder)) {
      return entries.filter(entry -> Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)).toList();
    } catch (NoSuchFileException _) {
      return List.of();
    }
  }

  private static String name(Path folder) {
    return String.valueOf(folder.getFileName());
  }

  /** Deletes the logs of an execution, none of whose attempts runs any more. */
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
