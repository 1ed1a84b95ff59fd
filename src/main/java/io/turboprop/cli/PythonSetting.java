package io.turboprop.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The setting that says which Python tasks see; looked at before anything is started. */
final class PythonSetting {
  static final String NAME = "turboprop.plugins.local.python-environment";

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
