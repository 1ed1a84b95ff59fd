package io.turboprop.plugin;

import io.micrometer.core.instrument.MeterRegistry;
import io.turboprop.data.DataStore;
import io.turboprop.data.ExecutionId;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The engine's services for plugins.
 *
 * @param storeVariables the environment variables by which programs of tasks reach the blob store,
 *     with the credentials that the settings have
 * @param directory a folder of this engine that outlives the process
 * @param endpoint {@code http://host:port} of this engine's API, for links and for tasks that call
 *     the API
 * @param hasEnded whether an execution has ended; empty when this engine does not know it. May
 *     block, and throws an exception when the database does not answer
 * @param clusterResources the CLUSTER_RESOURCE attributes that a project and its domain have, by
 *     name (admin §8). May block, and throws an exception when the database does not answer
 * @param metrics the registry for the plugin's own metrics, named {@code turboprop.<id>.…}
 */
public record TaskPluginEnvironment(
    DataStore store,
    Map<String, String> storeVariables,
    Path directory,
    String endpoint,
    Function<ExecutionId, Optional<Boolean>> hasEnded,
    BiFunction<String, String, Map<String, String>> clusterResources,
    Clock clock,
    MeterRegistry metrics) {
  public TaskPluginEnvironment {
    storeVariables = Map.copyOf(storeVariables);
  }
}
