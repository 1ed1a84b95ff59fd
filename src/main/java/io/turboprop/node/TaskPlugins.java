package io.turboprop.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.turboprop.data.ExecutionId;
import io.turboprop.plugin.QueuePlace;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskPluginProvider;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maps task types to plugins: the configuration decides first, then the plugins' own task types,
 * then the default plugin.
 */
public final class TaskPlugins implements AutoCloseable {
  /** The plugins of a node that runs no task. */
  public static final TaskPlugins NONE = new TaskPlugins(List.of(), Map.of(), Optional.empty());

  private static final Logger LOG = LoggerFactory.getLogger(TaskPlugins.class);

  private final List<TaskPlugin> all;
  private final Map<String, TaskPlugin> byType;
  private final Optional<TaskPlugin> otherwise;

  private TaskPlugins(
      Collection<TaskPlugin> all, Map<String, TaskPlugin> byType, Optional<TaskPlugin> otherwise) {
    this.all = List.copyOf(all);
    this.byType = Map.copyOf(byType);
    this.otherwise = otherwise;
  }

  /** Makes the plugin of a provider. */
  @FunctionalInterface
  public interface Maker {
    /**
     * @param config the section {@code turboprop.plugins.<id>}; empty when there is none
     */
    TaskPlugin make(TaskPluginProvider provider, Config config);
  }

  /**
   * Loads the plugins on the class path that take tasks of some type; others are not created, and
   * need no cluster, no Python and no credentials.
   *
   * @param config the section {@code turboprop}
   * @param wanted the plugins that this node needs; task types of other plugins have no plugin here
   * @throws IllegalArgumentException when the configuration names a plugin that does not exist
   */
  public static TaskPlugins load(Config config, Predicate<TaskPluginProvider> wanted, Maker maker) {
    var providers = new HashMap<String, TaskPluginProvider>();
    var idByType = new HashMap<String, String>();
    for (var provider : ServiceLoader.load(TaskPluginProvider.class)) {
      providers.put(provider.id(), provider);
      provider.taskTypes().forEach(type -> idByType.put(type, provider.id()));
    }
    for (var entry : config.getConfig("tasks.plugins").root().entrySet()) {
      idByType.put(entry.getKey(), String.valueOf(entry.getValue().unwrapped()));
    }
    var otherwise = Optional.of(config.getString("tasks.default-plugin"));
    var plugins = new HashMap<String, TaskPlugin>();
    Function<String, Optional<TaskPlugin>> named =
        id ->
            Optional.of(provider(providers, id))
                .filter(wanted)
                .map(provider ->
                    plugins.computeIfAbsent(id, _ -> maker.make(provider, section(config, id))));
    var byType = new HashMap<String, TaskPlugin>();
    idByType.forEach((type, id) -> named.apply(id).ifPresent(plugin -> byType.put(type, plugin)));
    var ofOthers = otherwise.filter(id -> !id.isEmpty()).flatMap(named);
    return new TaskPlugins(plugins.values(), byType, ofOthers);
  }

  /** Plugins, the first of which takes tasks of all types. */
  public static TaskPlugins of(TaskPlugin... plugins) {
    return new TaskPlugins(List.of(plugins), Map.of(), Optional.of(plugins[0]));
  }

  /** All plugins, in no order. */
  public List<TaskPlugin> all() {
    return all;
  }

  private static Config section(Config config, String id) {
    var path = "plugins." + id;
    return config.hasPath(path) ? config.getConfig(path) : ConfigFactory.empty();
  }

  private static TaskPluginProvider provider(Map<String, TaskPluginProvider> providers, String id) {
    var provider = providers.get(id);
    if (provider == null) {
      throw new IllegalArgumentException(
          "turboprop.tasks names the plugin '%s'; there are %s"
              .formatted(id, new TreeSet<>(providers.keySet())));
    }
    return provider;
  }

  /** The plugin for a task type; empty when no plugin takes it. */
  public Optional<TaskPlugin> find(String taskType) {
    return Optional.ofNullable(byType.get(taskType)).or(() -> otherwise);
  }

  /**
   * The place of an attempt that waits for a slot of any plugin; empty if it waits for none. May
   * block.
   */
  public Optional<QueuePlace> queuePlace(ExecutionId execution, String generatedName) {
    return all.stream()
        .flatMap(plugin -> plugin.queuePlace(execution, generatedName).stream())
        .findFirst();
  }

  /** Makes all plugins delete their files of an execution. */
  public CompletionStage<Void> forget(ExecutionId execution) {
    return CompletableFuture.allOf(
        all.stream()
            .map(plugin -> plugin.forget(execution).toCompletableFuture())
            .toArray(CompletableFuture[]::new));
  }

  /**
   * Closes every plugin; a plugin that can't be closed is logged, and the others are still closed.
   */
  @Override
  public void close() {
    for (var plugin : all) {
      try {
        plugin.close();
      } catch (RuntimeException e) {
        LOG.warn("the plugin '{}' could not be closed", plugin.id(), e);
      }
    }
  }
}
