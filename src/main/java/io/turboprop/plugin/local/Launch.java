package io.turboprop.plugin.local;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that is needed to start an attempt's process.
 *
 * @param command never empty
 * @param environment all variables of the process
 * @param python the Python environment whose packages the task sees; empty when there is no Python
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
