package io.turboprop;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.cluster.ClusterSettings;
import io.turboprop.cluster.Role;
import io.turboprop.cluster.Waker;
import io.turboprop.cluster.WorkflowSettings;
import io.turboprop.data.DataSettings;
import io.turboprop.data.object.ObjectSettings;
import io.turboprop.event.EventSettings;
import io.turboprop.execution.ProjectQueue;
import io.turboprop.flyteadmin.FlyteAdminSettings;
import io.turboprop.kubernetes.ResourceSettings;
import io.turboprop.node.NodeSettings;
import io.turboprop.setting.Section;
import io.turboprop.store.StoreSettings;
import java.net.URI;
import java.util.ArrayList;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The settings of the parts of an engine, read before any part is opened, so that a wrong setting
 * leaves nothing half started.
 *
 * @param flyteAdmin empty if the engine is not behind a FlyteAdmin
 */
record EngineSettings(
    AdminSettings admin,
    WorkflowSettings workflow,
    NodeSettings node,
    Waker.Settings waker,
    StoreSettings store,
    EventSettings event,
    ClusterSettings cluster,
    DataSettings data,
    ObjectSettings objects,
    ProjectQueue.Limits projectLimits,
    ResourceSettings resources,
    Optional<FlyteAdminSettings> flyteAdmin) {
  /**
   * Matches host names. Does not match IP addresses and Pekko's placeholders ({@code
   * <getHostAddress>}).
   */
  private static final Pattern HOST_NAME =
      Pattern.compile("(?=.*[A-Za-z])[A-Za-z0-9_][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)*");

  /**
   * Reads all settings.
   *
   * @param config the section {@code turboprop}
   * @param port the port of the API, which is chosen before the API opens it, because tasks get the
   *     address of the API
   * @throws RuntimeException for a wrong setting, with a message for the user
   */
  static EngineSettings of(Config config, int port) {
    return new EngineSettings(
        adminSettings(config, port),
        WorkflowSettings.from(config),
        NodeSettings.from(config),
        Waker.Settings.from(config),
        StoreSettings.from(config.getConfig("store")),
        EventSettings.from(config.getConfig("event")),
        ClusterSettings.from(config),
        DataSettings.from(config.getConfig("data")),
        ObjectSettings.from(Section.of(config, "data")),
        ProjectQueue.Limits.from(config),
        ResourceSettings.from(config),
        FlyteAdminSettings.from(Section.of(config, "flyteadmin")));
  }

  private static AdminSettings adminSettings(Config config, int port) {
    var admin = config.getConfig("admin").withValue("port", ConfigValueFactory.fromAnyRef(port));
    // The name by which other nodes, and tasks, call this one.
    var host = config.getString("cluster.host");
    if (!HOST_NAME.matcher(host).matches()) {
      return AdminSettings.from(admin);
    }
    var hosts = new ArrayList<>(admin.getStringList("hosts"));
    hosts.add(host);
    return AdminSettings.from(admin.withValue("hosts", ConfigValueFactory.fromIterable(hosts)));
  }

  boolean isDoor() {
    return cluster.has(Role.DOOR);
  }

  boolean isEngine() {
    return cluster.has(Role.ENGINE);
  }

  boolean isExecutor() {
    return cluster.has(Role.EXECUTOR);
  }

  /** Where the other nodes, and tasks, reach this one's API. */
  URI endpointForNodes() {
    var address = admin.address();
    var isEverywhere = address.host().equals("0.0.0.0") || address.host().equals("::");
    return endpoint(isEverywhere ? cluster.host() : address.host(), address.port());
  }

  /** An IPv6 address stands in brackets in a URI. */
  static URI endpoint(String host, int port) {
    var isAddress = host.contains(":") && !host.startsWith("[");
    return URI.create("http://%s:%d".formatted(isAddress ? "[" + host + "]" : host, port));
  }
}
