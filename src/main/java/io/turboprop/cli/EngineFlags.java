package io.turboprop.cli;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The flags of every command that starts an engine; each stands for a setting. */
final class EngineFlags {
  @Mixin private DataFlags data = new DataFlags();

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Where to listen, on the host of the configuration; 0 is any free port.")
  private @Nullable Integer port;

  @Option(
      names = "--python",
      paramLabel = "ENV",
      description = {
        "The Python environment (a folder with bin/python) that runs Python tasks;",
        "else that of VIRTUAL_ENV, else .turboprop/venv, which deploy/python-env makes."
      })
  private @Nullable Path python;

  /**
   * The settings that result from these flags and the configuration files.
   *
   * @throws IllegalArgumentException when the flags name a path without a Python
   */
  EngineOptions options() throws NoSuchFileException {
    return options(Map.of(), Map.of());
  }

  /**
   * The settings that result from these flags, the configuration files and other flags.
   *
   * @param others settings by path, from the command's other flags
   * @param otherGuesses settings by path, used where the user has set nothing
   * @throws IllegalArgumentException when the flags name a path without a Python
   */
  EngineOptions options(Map<String, Object> others, Map<String, Object> otherGuesses)
      throws NoSuchFileException {
    var settings = settings();
    settings.putAll(others);
    var guesses = new HashMap<>(guesses());
    guesses.putAll(otherGuesses);
    var options = data.options(settings, guesses);
    PythonSetting.check(options.config().getString(PythonSetting.NAME));
    return options;
  }

  private Map<String, Object> settings() {
    var settings = new HashMap<String, Object>();
    if (port != null) {
      settings.put(EngineOptions.PORT, port);
    }
    if (python != null) {
      settings.put(PythonSetting.NAME, python.toAbsolutePath().toString());
    }
    return settings;
  }

  private static Map<String, Object> guesses() {
    return Stream.of(
            Optional.ofNullable(System.getenv("VIRTUAL_ENV")).map(Path::of),
            Optional.ofNullable(System.getenv("TURBOPROP_PYTHON_ENV")).map(Path::of),
            Optional.of(home().resolve(".turboprop", "venv")))
        .flatMap(Optional::stream)
        .filter(environment -> Files.isExecutable(environment.resolve("bin", "python")))
        .findFirst()
        .<Map<String, Object>>map(environment -> Map.of(PythonSetting.NAME, environment.toString()))
        .orElse(Map.of());
  }

  /** Where Turboprop is installed; absolute. */
  static Path home() {
    var home = ConfigFactory.defaultOverrides().withFallback(ConfigFactory.defaultReference());
    return Path.of(home.getString("turboprop.home")).toAbsolutePath().normalize();
  }
}
