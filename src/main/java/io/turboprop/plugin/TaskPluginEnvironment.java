package io.turboprop.plugin;

import io.micrometer.core.instrument.MeterRegistry;
import io.turboprop.data.DataStore;
import java.nio.file.Path;
import java.time.Clock;

/**
 * The engine's services for plugins.
 *
 * @param directory a folder of this engine that outlives the process
 * @param endpoint {@code http://host:port} of this engine's API, for links and for tasks that call
 *     the API
 * @param metrics the registry for the plugin's own metrics, named {@code turboprop.<id>.…}
 */
public record TaskPluginEnvironment(
    DataStore store, Path directory, String endpoint, Clock clock, MeterRegistry metrics) {}
