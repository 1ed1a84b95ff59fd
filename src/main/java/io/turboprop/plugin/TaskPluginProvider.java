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
   * @param config the section {@code turboprop.plugins.<id>}; empty when there is none
   */
  TaskPlugin create(Config config, TaskPluginEnvironment environment);
}
