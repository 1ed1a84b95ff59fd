package io.turboprop.plugin.local;

import io.turboprop.data.DataStore.DataTooLargeException;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.FileTrees;
import io.turboprop.data.Sha256;
import io.turboprop.data.UntrustedFiles;
import io.turboprop.data.UntrustedFiles.NotRegularFileException;
import io.turboprop.plugin.TaskContext;
import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The files of an attempt: a work folder, which is deleted at the attempt's end, and a log folder,
 * which stays.
 *
 * @param root the work folder below the plugin's folder; its name is short, because programs put
 *     sockets into {@link #temporary()}, and the path of a socket has at most 107 bytes
 * @param logs the log folder below the folder of all logs, with a readable name
 */
record WorkDirectory(Path root, Path logs) {
  private static final int CONTROL_FILE_BYTES_MAX = 256;
  private static final int SHORT_NAME_LENGTH = 16;

  /** The files of an attempt; each attempt has its own, and always the same, files. */
  static WorkDirectory of(TaskContext task, Path base, Path allLogs) {
    var execution = task.execution();
    return new WorkDirectory(
        base.resolve(name(execution, task.generatedName())),
        logs(execution, allLogs).resolve(task.generatedName()));
  }

  /** The name of an attempt in this package. */
  static String name(ExecutionId execution, String generatedName) {
    return shortName(execution.project() + ":" + execution.domain() + ":" + generatedName);
  }

  /**
   * A hash of 16 hexadecimal digits: 64 bits are enough to keep the names apart that exist at the
   * same time.
   */
  static String shortName(String text) {
    return Sha256.hex(text.getBytes(StandardCharsets.UTF_8)).substring(0, SHORT_NAME_LENGTH);
  }

  /** The logs of all attempts of an execution. */
  static Path logs(ExecutionId execution, Path allLogs) {
    return allLogs
        .resolve(execution.project())
        .resolve(execution.domain())
        .resolve(execution.name());
  }

  /** The attempt's name in this package. */
  String name() {
    return String.valueOf(root.getFileName());
  }

  /** The command's working directory; at first it holds only the task's code. */
  Path current() {
    return root.resolve("cwd");
  }

  Path temporary() {
    return root.resolve("tmp");
  }

  /** The folder of a raw container's inputs, with a file for each. */
  Path inputs() {
    return root.resolve("in");
  }

  /** The folder of a raw container's outputs. */
  Path outputs() {
    return root.resolve("out");
  }

  Path standardOutput() {
    return logs.resolve("stdout.log");
  }

  Path standardError() {
    return logs.resolve("stderr.log");
  }

  /** Creates the folders and logs that every attempt needs; existing files stay. */
  void create() throws IOException {
    Files.createDirectories(current());
    Files.createDirectories(temporary());
    Files.createDirectories(logs);
    createLog(standardOutput());
    createLog(standardError());
  }

  /**
   * The task's process opens the log for writing, and a named pipe from another task in its place
   * would block the process.
   */
  private static void createLog(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      FileTrees.delete(file);
      Files.createFile(file);
    }
  }

  /**
   * The process of this attempt, as recorded at its start.
   *
   * @throws TaskSpecificationException when the task has changed the file
   */
  Optional<LocalProcess> process() throws IOException, TaskSpecificationException {
    return process(root);
  }

  /** The process of a work directory without its attempt. */
  static Optional<LocalProcess> process(Path root) throws IOException, TaskSpecificationException {
    var text = read(root, "process");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    var process = text.flatMap(LocalProcess::parse);
    if (process.isEmpty()) {
      throw TaskSpecificationException.fileReplaced(root.resolve("process"), "it names no process");
    }
    return process;
  }

  /**
   * The exit code of the attempt, as its supervisor recorded it; 128 + signal when the process was
   * killed.
   *
   * @throws TaskSpecificationException when the task has changed the file
   */
  OptionalInt exitCode() throws IOException, TaskSpecificationException {
    var text = read(root, "exit_code");
    try {
      return text.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text.get()));
    } catch (NumberFormatException _) {
      throw TaskSpecificationException.fileReplaced(
          root.resolve("exit_code"), "it holds no number");
    }
  }

  /**
   * When the function of the task began to run, as the process itself has written it; empty if it
   * has not, or if the task has changed the file.
   */
  Optional<Instant> codeBeganAt() throws IOException {
    try {
      return read(root, "code_began")
          .map(micros -> Instant.EPOCH.plus(Long.parseLong(micros), ChronoUnit.MICROS));
    } catch (TaskSpecificationException | NumberFormatException _) {
      return Optional.empty();
    }
  }

  /** Deletes everything except the logs. */
  void delete() throws IOException {
    FileTrees.delete(root);
  }

  private static Optional<String> read(Path root, String name)
      throws IOException, TaskSpecificationException {
    var file = root.resolve(name);
    try {
      var text = new UntrustedFiles(root.resolveSibling("")).read(file, CONTROL_FILE_BYTES_MAX);
      return Optional.of(text.toStringUtf8().strip());
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (NotRegularFileException e) {
      throw TaskSpecificationException.fileReplaced(file, String.valueOf(e.getReason()));
    } catch (DataTooLargeException e) {
      throw TaskSpecificationException.fileReplaced(
          file, "it has %d bytes".formatted(e.sizeBytes()));
    } catch (AccessDeniedException _) {
      throw TaskSpecificationException.fileReplaced(file, "it may not be read");
    }
  }
}
