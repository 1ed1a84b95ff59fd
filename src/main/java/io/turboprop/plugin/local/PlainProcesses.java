package io.turboprop.plugin.local;

import io.turboprop.plugin.container.TaskSpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Starts a command as a process in a session of its own, under a small shell script that records
 * the exit code ({@code supervise.sh}).
 */
final class PlainProcesses {
  private final TaskUser user;
  private final Path supervisor;
  private final List<String> ownSession;

  /**
   * @param user the user that runs the processes
   * @param searchPath the folders in which {@code setsid} is searched. Without {@code setsid},
   *     which is part of every Linux, a task shares the engine's session, and only parent links
   *     tell which processes belong to it
   */
  PlainProcesses(TaskUser user, Path supervisor, String searchPath) {
    this.user = user;
    this.supervisor = supervisor;
    this.ownSession = find("setsid", searchPath).stream().map(Path::toString).toList();
  }

  /** Finds a program in the folders of a search path. */
  static Optional<Path> find(String program, String searchPath) {
    return Stream.of(searchPath.split(":"))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts a prepared attempt.
   *
   * @param ended run from any thread when the process has ended and its exit code is in the work
   *     directory
   * @throws TaskSpecificationException when the command line or environment is too long
   */
  LocalProcess start(Launch launch, Runnable ended) throws IOException, TaskSpecificationException {
    CommandLimits.checkLengths(launch.command(), launch.environment());
    var directory = launch.directory();
    var command = new ArrayList<>(ownSession);
    command.addAll(user.command(supervised(launch)));
    var builder = new ProcessBuilder(command).directory(directory.current().toFile());
    builder.environment().clear();
    builder.environment().putAll(launch.environment());
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(directory.standardOutput().toFile()));
    builder.redirectError(ProcessBuilder.Redirect.appendTo(directory.standardError().toFile()));
    var process = start(builder);
    process.getOutputStream().close();
    var _ = process.onExit().thenRun(ended);
    return LocalProcess.current(process.pid());
  }

  private List<String> supervised(Launch launch) {
    var command = new ArrayList<String>();
    command.addAll(List.of("sh", supervisor.toString(), launch.directory().root().toString()));
    command.addAll(launch.command());
    return command;
  }

  private static Process start(ProcessBuilder builder)
      throws IOException, TaskSpecificationException {
    try {
      return ProcessStarts.start(builder);
    } catch (IOException e) {
      if (CommandLimits.isTooLong(e)) {
        throw TaskSpecificationException.badSpecification(
            "the command and its environment are too long together for the system: pass large"
                + " values over as files");
      }
      throw e;
    }
  }
}
