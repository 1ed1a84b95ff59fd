package io.turboprop.plugin;

import io.micrometer.core.instrument.MeterRegistry;
import io.turboprop.data.DataStore;
import java.nio.file.Path;
import java.time.Clock;

/**
 * What the engine lends to plugins.
 *
 * @param directory a folder of this engine's own that outlives it
 * @param endpoint {@code http://host:port} of this engine's API, for links and for tasks that call
 *     back
 * @param metrics for figures of the plugin's own, named {@code turboprop.<id>.…}
 */
public record TaskPluginEnvironment(
    DataStore store, Path directory, String endpoint, Clock clock, MeterRegistry metrics) {}
