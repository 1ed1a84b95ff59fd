package io.turboprop.plugin.local;

import io.turboprop.data.DataStore.DataTooLargeException;
import io.turboprop.data.ExecutionId;
import io.turboprop.data.FileTrees;
import io.turboprop.data.Sha256;
import io.turboprop.data.UntrustedFiles;
import io.turboprop.data.UntrustedFiles.NotRegularFileException;
import io.turboprop.plugin.TaskContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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
  private static final int CONTROL_FILE_BYTES_MAX = 256;
  private static final int SHORT_NAME_LENGTH = 16;

  /** The files of an attempt; the same ones for the same attempt, and for no other. */
  static WorkDirectory of(TaskContext task, Path base, Path allLogs) {
    var execution = task.execution();
    var key = execution.project() + ":" + execution.domain() + ":" + task.generatedName();
    return new WorkDirectory(
        base.resolve(shortName(key)), logs(execution, allLogs).resolve(task.generatedName()));
  }

  /** 16 hexadecimal digits: 64 bits, enough for names of things that live at the same time. */
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

  /** Makes the folders and logs that every attempt needs; what is there stays. */
  void create() throws IOException {
    Files.createDirectories(current());
    Files.createDirectories(temporary());
    Files.createDirectories(logs);
    createLog(standardOutput());
    createLog(standardError());
  }

  /** The process opens it for writing; a pipe that another task has put there would stop it. */
  private static void createLog(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      FileTrees.delete(file);
      Files.createFile(file);
    }
  }

  /**
   * The process that is this attempt, as it wrote itself down when it started.
   *
   * @throws TaskSpecificationException when the task has changed the file
   */
  Optional<LocalProcess> process() throws IOException, TaskSpecificationException {
    return process(root);
  }

  /** The same for a work directory of which nothing else is known. */
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
   * How the attempt ended, as its supervisor wrote it down; 128 + signal when it was killed.
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

  /** Deletes all but the logs. */
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
