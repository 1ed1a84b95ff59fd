package io.turboprop.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;

/** The project's own Python environment, in which flytekit is installed. */
final class ProjectPythonEnvironment {
  private ProjectPythonEnvironment() {}

  /**
   * The environment's folder. If it is missing, {@code deploy/python-env} creates it, which takes
   * about a minute and is announced on stderr.
   *
   * @param home the folder in which Turboprop is installed
   * @throws IOException when the script could not create it; the script has printed why
   */
  static Path ofProject(Path home) throws IOException, InterruptedException {
    var script = home.resolve("deploy", "python-env");
    var process =
        new ProcessBuilder(script.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    process.getOutputStream().close();
    var printed = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException("there is no Python environment to run the demo with");
    }
    return Path.of(printed, "..", "..").normalize(); // from ENV/bin/python
  }
}
