package io.turboprop.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * With what an engine is started.
 *
 * @param port of the door; 0 for any free one
 * @param directory holds all that must survive; absolute
 * @param config all settings, resolved: {@code turboprop} and those of libraries
 */
public record EngineOptions(int port, Path directory, Config config) {
  static final String PORT = "turboprop.admin.port";
  static final String DIRECTORY = "turboprop.directory";

  /**
   * Merges the places of settings. The earlier wins: flags, system properties, files, guesses, the
   * defaults.
   *
   * @param flags settings by path, as given on the command line
   * @param guesses settings by path, for what nobody has set
   * @throws NoSuchFileException when a file is absent
   * @throws ConfigException when a file is malformed, or has a value of the wrong kind
   */
  public static EngineOptions load(
      Map<String, Object> flags, Map<String, Object> guesses, Path... files)
      throws NoSuchFileException {
    var config =
        ConfigFactory.parseMap(flags, "command line")
            .withFallback(ConfigFactory.defaultOverrides());
    for (var file : files) {
      if (!Files.isRegularFile(file)) {
        throw new NoSuchFileException(file.toString(), null, "no such file of settings");
      }
      config = config.withFallback(ConfigFactory.parseFile(file.toFile()));
    }
    var resolved =
        config
            .withFallback(ConfigFactory.parseMap(guesses, "environment"))
            .withFallback(ConfigFactory.defaultReferenceUnresolved())
            .resolve();
    return new EngineOptions(
        resolved.getInt(PORT),
        Path.of(resolved.getString(DIRECTORY)).toAbsolutePath().normalize(),
        resolved);
  }
}
