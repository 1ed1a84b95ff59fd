package io.turboprop.plugin.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A Python interpreter with its packages.
 *
 * @param interpreter an absolute path with links not resolved, because the location of the link
 *     identifies the virtual environment
 */
record PythonEnvironment(Path interpreter) {

  /** The folder of the environment's commands. */
  Path commands() {
    return Optional.ofNullable(interpreter.getParent()).orElse(interpreter);
  }

  /** Finds the environments that the configuration names. */
  record Lookup(String python, Map<String, String> images, String searchPath) {
    private static final List<String> IN_FOLDER =
        List.of("bin/python3", "bin/python", "python3", "python");

    /** The environment for a task's image; empty when the configured place has no Python. */
    Optional<PythonEnvironment> forImage(String image) {
      return find(images.getOrDefault(image, python));
    }

    /** All configured environments that exist. */
    List<PythonEnvironment> all() {
      return Stream.concat(Stream.of(python), images.values().stream())
          .flatMap(setting -> find(setting).stream())
          .distinct()
          .toList();
    }

    private Optional<PythonEnvironment> find(String setting) {
      var candidates =
          setting.contains("/") || Files.isDirectory(Path.of(setting))
              ? below(Path.of(setting))
              : Stream.of(searchPath.split(":")).map(folder -> Path.of(folder, setting));
      return candidates
          .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
          .map(file -> new PythonEnvironment(file.toAbsolutePath().normalize()))
          .findFirst();
    }

    private static Stream<Path> below(Path path) {
      return Files.isDirectory(path) ? IN_FOLDER.stream().map(path::resolve) : Stream.of(path);
    }
  }
}
