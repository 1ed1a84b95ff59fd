package io.turboprop.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.turboprop.data.ExecutionId;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskPluginEnvironment;
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
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Maps task types to plugins (tasks §1.8): the configuration decides first, then the plugins' own
 * task types, then the default plugin.
 */
public final class TaskPlugins implements AutoCloseable {
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

  /**
   * Loads all plugins on the class path.
   *
   * @param config the section {@code turboprop}
   * @throws IllegalArgumentException when the configuration names a plugin that does not exist
   */
  public static TaskPlugins load(Config config, TaskPluginEnvironment environment) {
    var plugins = new HashMap<String, TaskPlugin>();
    var byType = new HashMap<String, TaskPlugin>();
    for (var provider : ServiceLoader.load(TaskPluginProvider.class)) {
      var plugin = provider.create(section(config, provider.id()), environment);
      plugins.put(plugin.id(), plugin);
      provider.taskTypes().forEach(type -> byType.put(type, plugin));
    }
    for (var entry : config.getConfig("tasks.plugins").root().entrySet()) {
      byType.put(entry.getKey(), named(plugins, String.valueOf(entry.getValue().unwrapped())));
    }
    var otherwise = config.getString("tasks.default-plugin");
    return new TaskPlugins(
        plugins.values(),
        byType,
        otherwise.isEmpty() ? Optional.empty() : Optional.of(named(plugins, otherwise)));
  }

  /** Plugins, the first of which takes tasks of all types. */
  public static TaskPlugins of(TaskPlugin... plugins) {
    return new TaskPlugins(List.of(plugins), Map.of(), Optional.of(plugins[0]));
  }

  /** These plugins, each replaced by what the function gives for it, which has the same id. */
  public TaskPlugins map(UnaryOperator<TaskPlugin> function) {
    var replaced = new HashMap<TaskPlugin, TaskPlugin>();
    all.forEach(plugin -> replaced.put(plugin, function.apply(plugin)));
    var types = new HashMap<String, TaskPlugin>();
    byType.forEach((type, plugin) -> types.put(type, replaced.get(plugin)));
    return new TaskPlugins(replaced.values(), types, otherwise.map(replaced::get));
  }

  /** The plugins whose attempts belong to the machine that has started them. */
  public List<TaskPlugin> boundToMachine() {
    return all.stream().filter(TaskPlugin::isBoundToMachine).toList();
  }

  private static Config section(Config config, String id) {
    var path = "plugins." + id;
    return config.hasPath(path) ? config.getConfig(path) : ConfigFactory.empty();
  }

  private static TaskPlugin named(Map<String, TaskPlugin> plugins, String id) {
    var plugin = plugins.get(id);
    if (plugin == null) {
      throw new IllegalArgumentException(
          "turboprop.tasks names the plugin '%s'; there are %s"
              .formatted(id, new TreeSet<>(plugins.keySet())));
    }
    return plugin;
  }

  /** The plugin for a task type; empty when no plugin takes it. */
  public Optional<TaskPlugin> find(String taskType) {
    return Optional.ofNullable(byType.get(taskType)).or(() -> otherwise);
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
