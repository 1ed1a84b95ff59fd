package io.turboprop.plugin;

import io.micrometer.core.instrument.MeterRegistry;
import io.turboprop.data.DataStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/**
 * The engine's services for plugins.
 *
 * @param storeVariables the environment variables by which programs of tasks reach the blob store,
 *     with the credentials that the settings have
 * @param directory a folder of this engine that outlives the process
 * @param endpoint {@code http://host:port} of this engine's API, for links and for tasks that call
 *     the API
 * @param metrics the registry for the plugin's own metrics, named {@code turboprop.<id>.…}
 */
public record TaskPluginEnvironment(
    DataStore store,
    Map<String, String> storeVariables,
    Path directory,
    String endpoint,
    EngineRecords records,
    Clock clock,
    MeterRegistry metrics) {
  public TaskPluginEnvironment {
    storeVariables = Map.copyOf(storeVariables);
  }
}
