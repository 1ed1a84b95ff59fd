package io.turboprop.plugin.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that is needed to start an attempt.
 *
 * @param command never empty
 * @param environment the whole of it
 * @param python whose packages the task sees; empty when there is no Python
 */
record Launch(
    WorkDirectory directory,
    List<String> command,
    Map<String, String> environment,
    Optional<PythonEnvironment> python) {

  /** The command's name without its folder. */
  String program() {
    return String.valueOf(Path.of(command.getFirst()).getFileName());
  }
}
