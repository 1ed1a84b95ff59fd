package io.turboprop.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The options of an engine's start.
 *
 * @param port the port of the API; 0 for any free port
 * @param directory the absolute path of the folder with all data that must survive
 * @param config all settings, resolved: {@code turboprop} and those of libraries
 */
public record EngineOptions(int port, Path directory, Config config) {
  static final String PORT = "turboprop.admin.port";
  static final String DIRECTORY = "turboprop.directory";
  private static final String CACHE = "turboprop.cache";

  /**
   * The version of this node; nodes of a cluster compare it to tell newer nodes from older ones.
   */
  private static final String APP_VERSION = "pekko.cluster.app-version";

  private static final int PORT_MAX = 65535;

  /**
   * Merges the sources of settings. An earlier source wins over a later one: flags, system
   * properties, files, guesses, the defaults.
   *
   * @param flags settings by path, as given on the command line
   * @param guesses settings by path, used where the user has set nothing
   * @throws NoSuchFileException when a file is absent
   * @throws ConfigException when a file is malformed, names a setting that does not exist, or has a
   *     value of the wrong kind
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
    SettingNames.ofDefaults().check(config);
    var resolved =
        config
            .withFallback(ConfigFactory.parseMap(guesses, "environment"))
            .withFallback(ConfigFactory.parseMap(Map.of(CACHE, cache()), "environment"))
            .withFallback(ConfigFactory.parseMap(Map.of(APP_VERSION, builtVersion()), "build"))
            .withFallback(ConfigFactory.parseResources("pekko.conf"))
            .withFallback(ConfigFactory.defaultReferenceUnresolved())
            .resolve();
    return new EngineOptions(
        port(resolved),
        Path.of(resolved.getString(DIRECTORY)).toAbsolutePath().normalize(),
        resolved);
  }

  /** The version of this Turboprop, of which the nodes of a cluster know which is newer. */
  public String version() {
    return config.getString(APP_VERSION);
  }

  private static String builtVersion() {
    var version = EngineOptions.class.getPackage().getImplementationVersion();
    return version == null ? "0" : version;
  }

  private static int port(Config config) {
    var port = config.getInt(PORT);
    if (port < 0 || port > PORT_MAX) {
      throw new ConfigException.BadValue(
          config.getValue(PORT).origin(),
          PORT,
          "%d is not between 0 and %d".formatted(port, PORT_MAX));
    }
    return port;
  }

  /** The user's folder for caches, by the rules of freedesktop.org. */
  private static String cache() {
    var folder =
        variable("XDG_CACHE_HOME")
            .filter(given -> Path.of(given).isAbsolute())
            .orElseGet(() -> variable("HOME").orElse(System.getProperty("user.home")) + "/.cache");
    return folder + "/turboprop";
  }

  private static Optional<String> variable(String name) {
    return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
  }
}
