package io.turboprop.plugin;

import com.typesafe.config.Config;
import java.util.List;

/** Makes a plugin from configuration; registered in {@code META-INF/services}. */
public interface TaskPluginProvider {

  /** The same name as {@link TaskPlugin#id()}. */
  String id();

  /** The task types that this plugin takes, unless the configuration says otherwise. */
  List<String> taskTypes();

  /**
   * Whether an attempt can only be handled, aborted and finished on the machine where it was
   * started: true for processes of that machine, false for resources that every machine can reach
   * by name, such as pods. In a cluster, executors run the attempts of such a plugin, and only they
   * create it.
   */
  boolean isBoundToMachine();

  /**
   * @param config the section {@code turboprop.plugins.<id>}; empty when there is none
   */
  TaskPlugin create(Config config, TaskPluginEnvironment environment);
}
