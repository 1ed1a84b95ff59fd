package io.turboprop.plugin;

import com.typesafe.config.Config;
import java.util.List;

/** Makes a plugin from configuration; registered in {@code META-INF/services}. */
public interface TaskPluginProvider {

  /** As {@link TaskPlugin#id()}. */
  String id();

  /** The task types this plugin takes unless configuration says otherwise. */
  List<String> taskTypes();

  /**
   * @param config the section {@code turboprop.plugins.<id>}; empty when there is none
   */
  TaskPlugin create(Config config, TaskPluginEnvironment environment);
}
