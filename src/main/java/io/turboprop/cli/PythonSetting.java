package io.turboprop.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The setting that says which Python tasks run with; checked before anything is started. */
final class PythonSetting {
  static final String NAME = "turboprop.plugins.local.python-environment";

  /** The commands that flytekit installs. */
  private static final List<String> ENTRYPOINTS = List.of("bin/pyflyte-execute", "pyflyte-execute");

  private PythonSetting() {}

  /**
   * Checks that the setting names a Python. A bare name is looked up on the PATH only when a task
   * needs it.
   *
   * @throws IllegalArgumentException when the setting names a path without a Python
   */
  static void check(String setting) {
    if (isPath(setting) && candidates(Path.of(setting)).noneMatch(PythonSetting::isProgram)) {
      throw new IllegalArgumentException(
          ("there is no Python environment at '%s' (--python, or %s): it has no executable"
                  + " bin/python; deploy/python-env makes one with flytekit in .turboprop/venv")
              .formatted(setting, NAME));
    }
  }

  /**
   * Says why Python tasks will fail, as far as the environment shows it without running a task.
   * There is no warning for a setting that names an interpreter directly.
   */
  static Optional<String> warning(String setting) {
    if (!isPath(setting)) {
      return Optional.of(
          ("no Python environment is known. Tasks run with %s of the PATH, and fail unless that has"
                  + " flytekit: stop, run deploy/python-env once (or say --python ENV), start again")
              .formatted(setting));
    }
    var path = Path.of(setting);
    return Files.isDirectory(path)
            && ENTRYPOINTS.stream().map(path::resolve).noneMatch(PythonSetting::isProgram)
        ? Optional.of(
            ("the Python environment '%s' has no flytekit, without which Python tasks fail: install"
                    + " it there (pip install flytekit), or say --python ENV; deploy/python-env makes"
                    + " one in .turboprop/venv")
                .formatted(setting))
        : Optional.empty();
  }

  /** Whether the setting names a path, not a program on the PATH. */
  static boolean isPath(String setting) {
    return setting.isBlank() || setting.contains("/") || Files.isDirectory(Path.of(setting));
  }

  private static Stream<Path> candidates(Path path) {
    return Files.isDirectory(path)
        ? Stream.of("bin/python3", "bin/python", "python3", "python").map(path::resolve)
        : Stream.of(path);
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
