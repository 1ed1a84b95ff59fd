package io.turboprop;

import com.linecorp.armeria.server.HttpService;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.turboprop.admin.AdminService;
import io.turboprop.admin.data.DataProxy;
import io.turboprop.admin.data.LinkSigner;
import io.turboprop.admin.data.Links;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.executions.ExecutionService;
import io.turboprop.admin.executions.SignalService;
import io.turboprop.admin.transport.AdminServer;
import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.admin.transport.FileRoute;
import io.turboprop.admin.transport.LogLevels;
import io.turboprop.admin.transport.Readiness;
import io.turboprop.admin.transport.ReportRoute;
import io.turboprop.cluster.ClusterReports;
import io.turboprop.console.ConsoleApi;
import io.turboprop.console.ConsoleFiles;
import io.turboprop.store.ClusterTables;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Opens the API: the services that clients call, the files that they fetch, and the console. */
final class ApiAssembly {
  private static final String LOGS = "/logs/";

  private ApiAssembly() {}

  /**
   * The services behind the API.
   *
   * @param data the links to the store's objects
   * @param console the calls of the console's page in addition to Flyte's API
   * @param operation the calls for operators, which every node serves
   */
  record Services(
      Definitions definitions,
      ExecutionService executions,
      SignalService signals,
      DataProxy data,
      ConsoleApi console,
      Map<String, HttpService> operation) {}

  /**
   * The paths for operators of the cluster, which every node serves: the tasks' logs, the state of
   * the cluster, the levels of the log.
   */
  static Map<String, HttpService> operation(
      AdminSettings settings, FileRoute logs, ClusterReports cluster) {
    return Map.of(
        LOGS,
        logs,
        "/cluster",
        new ReportRoute(cluster::read),
        "/log-levels",
        LogLevels.of(settings));
  }

  /** The links to the store's objects, signed with the key that all nodes share. */
  static DataProxy data(
      AdminSettings settings, Foundation foundation, ExecutionService executions) {
    var store = foundation.storage().store();
    var signer =
        LinkSigner.of(
            settings.links().signingKey(), new ClusterTables(foundation.database())::signingKey);
    var links = new Links(signer, store.base(), settings.address().publicUrl(), foundation.clock());
    return new DataProxy(links, store, executions, settings);
  }

  static AdminServer open(
      AdminSettings settings,
      Services services,
      Readiness readiness,
      PrometheusMeterRegistry metrics) {
    return AdminServer.start(
        settings,
        List.of(
            AdminService.table(services.definitions(), services.executions()),
            services.signals().table(),
            services.data().table()),
        paths(services),
        readiness,
        metrics);
  }

  private static Map<String, HttpService> paths(Services services) {
    var paths = new HashMap<>(services.operation());
    paths.put(Links.PREFIX, services.data().transfer());
    paths.put("/", ConsoleFiles.redirect(ConsoleFiles.PREFIX));
    paths.put("/console", ConsoleFiles.redirect(ConsoleFiles.PREFIX));
    paths.put(ConsoleFiles.PREFIX, new ConsoleFiles());
    paths.put(ConsoleApi.PREFIX, services.console());
    return paths;
  }

  /** Opens the port of a node that is no door: for probes, metrics and operators. */
  static AdminServer openWithoutDoor(
      AdminSettings settings,
      Map<String, HttpService> operation,
      Readiness readiness,
      PrometheusMeterRegistry metrics) {
    return AdminServer.start(settings, List.of(), operation, readiness, metrics);
  }
}
