package io.turboprop.plugin.echo;

import com.typesafe.config.Config;
import io.turboprop.plugin.TaskPlugin;
import io.turboprop.plugin.TaskPluginEnvironment;
import io.turboprop.plugin.TaskPluginProvider;
import java.util.List;

/** Makes the echo plugin. */
public final class EchoPluginProvider implements TaskPluginProvider {

  @Override
  public String id() {
    return EchoPlugin.ID;
  }

  @Override
  public List<String> taskTypes() {
    return List.of("echo");
  }

  @Override
  public boolean isBoundToMachine() {
    return false;
  }

  @Override
  public TaskPlugin create(Config config, TaskPluginEnvironment environment) {
    return new EchoPlugin(config.getDuration("sleep"), environment.clock());
  }
}
