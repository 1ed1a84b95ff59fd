package io.turboprop.cli;

import io.turboprop.store.Database;
import io.turboprop.store.StoreSettings;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags of every command that works on an engine's data: the data folder, and settings. */
final class DataFlags {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Where an engine has its data, else .turboprop/data: database, blobs, logs, all that must"
              + " survive. One engine at a time.")
  private @Nullable Path data;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings (HOCON); see conf/reference.conf for all of them.")
  private @Nullable Path config;

  /** The settings that result from these flags and the configuration file. */
  EngineOptions options() throws NoSuchFileException {
    return options(Map.of(), Map.of());
  }

  /** Opens the database of these data beside a running engine, or starts it if none runs. */
  Database attach() throws NoSuchFileException {
    var store = options().config().getConfig("turboprop.store");
    return Database.attach(StoreSettings.from(store));
  }

  /**
   * The settings that result from these flags, the configuration file and other flags.
   *
   * @param others settings by path, from the command's other flags
   * @param guesses settings by path, used where the user has set nothing
   */
  EngineOptions options(Map<String, Object> others, Map<String, Object> guesses)
      throws NoSuchFileException {
    var flags = new HashMap<>(others);
    if (data != null) {
      flags.put(EngineOptions.DIRECTORY, data.toAbsolutePath().toString());
    }
    return EngineOptions.load(flags, guesses, config == null ? new Path[0] : new Path[] {config});
  }
}
