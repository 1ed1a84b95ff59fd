package io.turboprop.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The setting that says which Python tasks see; looked at before anything is started. */
final class PythonSetting {
  static final String NAME = "turboprop.plugins.local.python-environment";

  /** What flytekit installs. */
  private static final List<String> ENTRYPOINTS = List.of("bin/pyflyte-execute", "pyflyte-execute");

  private PythonSetting() {}

  /**
   * Checks that there is a Python; a bare name is looked for on the PATH only when a task needs it.
   *
   * @throws IllegalArgumentException when the setting names a place without one
   */
  static void check(String setting) {
    if (isPlace(setting) && candidates(Path.of(setting)).noneMatch(PythonSetting::isProgram)) {
      throw new IllegalArgumentException(
          ("there is no Python environment in '%s' (--python, or %s): it has no executable bin/python;"
                  + " deploy/python-env makes one with flytekit in .turboprop/venv")
              .formatted(setting, NAME));
    }
  }

  /**
   * What will be wrong with Python tasks as far as it can be told without running one; nothing is
   * said of a program that is named itself.
   */
  static Optional<String> warning(String setting) {
    if (!isPlace(setting)) {
      return Optional.of(
          ("no Python environment is known. Tasks run with %s of the PATH, and fail unless that has"
                  + " flytekit: stop, run deploy/python-env once (or say --python ENV), start again")
              .formatted(setting));
    }
    var place = Path.of(setting);
    return Files.isDirectory(place)
            && ENTRYPOINTS.stream().map(place::resolve).noneMatch(PythonSetting::isProgram)
        ? Optional.of(
            ("the Python environment '%s' has no flytekit, without which Python tasks fail: install it"
                    + " there (pip install flytekit), or say --python ENV; deploy/python-env makes one"
                    + " in .turboprop/venv")
                .formatted(setting))
        : Optional.empty();
  }

  /** Whether a place is named, not just a program on the PATH. */
  static boolean isPlace(String setting) {
    return setting.isBlank() || setting.contains("/") || Files.isDirectory(Path.of(setting));
  }

  private static Stream<Path> candidates(Path place) {
    return Files.isDirectory(place)
        ? Stream.of("bin/python3", "bin/python", "python3", "python").map(place::resolve)
        : Stream.of(place);
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
