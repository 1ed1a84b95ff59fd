package io.turboprop.plugin.local;

import io.turboprop.data.ExecutionId;
import io.turboprop.plugin.TaskContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The files of one attempt: a folder that ends with it, and its logs, which stay.
 *
 * @param root below the plugin's folder; its name is short, because programs put sockets into
 *     {@link #temporary()}, and the path of a socket has at most 107 bytes
 * @param logs below the folder of all logs, named for people
 */
record WorkDirectory(Path root, Path logs) {

  /** The files of an attempt; the same ones for the same attempt, and for no other. */
  static WorkDirectory of(TaskContext task, Path base, Path allLogs) {
    var execution = task.execution();
    var key = execution.project() + ":" + execution.domain() + ":" + task.generatedName();
    return new WorkDirectory(
        base.resolve(Digests.shortName(key)),
        logs(execution, allLogs).resolve(task.generatedName()));
  }

  /** The logs of all attempts of an execution. */
  static Path logs(ExecutionId execution, Path allLogs) {
    return allLogs
        .resolve(execution.project())
        .resolve(execution.domain())
        .resolve(execution.name());
  }

  /** The name by which everybody here calls the attempt. */
  String name() {
    return String.valueOf(root.getFileName());
  }

  /** Where the command starts; empty at first but for its code. */
  Path current() {
    return root.resolve("cwd");
  }

  Path temporary() {
    return root.resolve("tmp");
  }

  /** The inputs of a raw container, a file for each. */
  Path inputs() {
    return root.resolve("in");
  }

  /** Where a raw container leaves its outputs. */
  Path outputs() {
    return root.resolve("out");
  }

  Path standardOutput() {
    return logs.resolve("stdout.log");
  }

  Path standardError() {
    return logs.resolve("stderr.log");
  }

  /** Makes the folders that every attempt needs; what is there stays. */
  void create() throws IOException {
    Files.createDirectories(current());
    Files.createDirectories(temporary());
    Files.createDirectories(logs);
  }

  /** The process that is this attempt, as it wrote itself down when it started. */
  Optional<LocalProcess> process() throws IOException {
    return process(root);
  }

  /** The same for a work directory of which nothing else is known. */
  static Optional<LocalProcess> process(Path root) throws IOException {
    return read(root, "process").flatMap(LocalProcess::parse);
  }

  /** How the attempt ended, as its supervisor wrote it down; 128 + signal when it was killed. */
  OptionalInt exitCode() throws IOException {
    var text = read(root, "exit_code");
    return text.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text.get()));
  }

  /** Deletes all but the logs. */
  void delete() throws IOException {
    Trees.delete(root);
  }

  private static Optional<String> read(Path root, String file) throws IOException {
    try {
      return Optional.of(Files.readString(root.resolve(file), StandardCharsets.UTF_8).strip());
    } catch (NoSuchFileException _) {
      return Optional.empty();
    }
  }
}
