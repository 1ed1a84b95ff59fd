package io.turboprop.plugin.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Starts any command as a process of its own session, below a small shell that writes down how it
 * ended ({@code supervise.sh}).
 */
final class PlainProcesses {
  private final TaskUser user;
  private final Path supervisor;
  private final List<String> ownSession;

  /**
   * @param user whose processes they are
   * @param searchPath where {@code setsid} is looked for; without it (it is part of every Linux) a
   *     task shares the engine's session, and its tree is followed by parenthood alone
   */
  PlainProcesses(TaskUser user, Path supervisor, String searchPath) {
    this.user = user;
    this.supervisor = supervisor;
    this.ownSession = find("setsid", searchPath).stream().map(Path::toString).toList();
  }

  /** Where a program is, by the folders of a search path. */
  static Optional<Path> find(String program, String searchPath) {
    return Stream.of(searchPath.split(":"))
        .map(folder -> Path.of(folder, program))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts a prepared attempt.
   *
   * @param ended run when it has ended, from any thread; the exit code is in its directory then
   * @throws TaskSpecificationException when its command line or environment is too long
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
      return builder.start();
    } catch (IOException e) {
      if (CommandLimits.isTooLong(e)) {
        throw TaskSpecificationException.badSpecification(
            "the command and its environment are too long together for the system: hand large"
                + " values over as files");
      }
      throw e;
    }
  }
}
