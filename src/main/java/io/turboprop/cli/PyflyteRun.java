package io.turboprop.cli;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** One {@code pyflyte run --remote} as a child process. */
final class PyflyteRun implements AutoCloseable {
  private final Process process;
  private final Path log;

  private PyflyteRun(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts it.
   *
   * @param environment a Python environment with flytekit
   * @param folder an existing folder for the client's configuration and its files
   * @param name the name of the execution
   * @param arguments file, workflow and its inputs
   */
  static PyflyteRun start(
      Path environment, URI endpoint, Path folder, String name, List<String> arguments)
      throws IOException {
    var config = Files.writeString(folder.resolve("flyte.yaml"), clientConfig(endpoint));
    var log = folder.resolve("pyflyte.log");
    var command =
        Stream.concat(
            Stream.of(
                environment.resolve("bin", "pyflyte").toString(),
                "--config",
                config.toString(),
                "run",
                "--remote",
                "--name",
                name),
            arguments.stream());
    var builder =
        new ProcessBuilder(command.toList())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(variable -> variable.startsWith("FLYTE_PLATFORM_"));
    builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
    return new PyflyteRun(builder.start(), log);
  }

  /** The environment variables with which a client finds a server without TLS and log-in. */
  static String clientConfig(URI endpoint) {
    return """
    admin:
      endpoint: dns:///%s
      insecure: true
    """
        .formatted(endpoint.getAuthority());
  }

  /** Whether the client has ended with an error. */
  boolean hasFailed() {
    return !process.isAlive() && process.exitValue() != 0;
  }

  /** The output of the client so far. */
  String printed() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the client if it still runs. */
  @Override
  public void close() {
    process.destroy();
  }
}
