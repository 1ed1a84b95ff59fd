package io.turboprop;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.turboprop.admin.AdminService;
import io.turboprop.admin.data.DataProxy;
import io.turboprop.admin.data.DataTransfer;
import io.turboprop.admin.data.LinkSigner;
import io.turboprop.admin.data.Links;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.executions.ExecutionService;
import io.turboprop.admin.executions.SignalService;
import io.turboprop.admin.transport.AdminServer;
import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.admin.transport.FileRoute;
import io.turboprop.admin.transport.Readiness;
import io.turboprop.console.ConsoleApi;
import io.turboprop.console.ConsoleFiles;
import io.turboprop.store.ClusterTables;
import java.util.List;
import java.util.Map;

/** Opens the API: the services that clients call, the files that they fetch, and the console. */
final class ApiAssembly {
  private static final String LOGS = "/logs/";

  private ApiAssembly() {}

  /**
   * The services behind the API.
   *
   * @param console what the page of the console asks beyond Flyte's API
   * @param logs serves the tasks' logs
   */
  record Services(
      Definitions definitions,
      ExecutionService executions,
      SignalService signals,
      ConsoleApi console,
      FileRoute logs) {}

  static AdminServer open(
      AdminSettings settings,
      Foundation foundation,
      Services services,
      Readiness readiness,
      PrometheusMeterRegistry metrics) {
    var store = foundation.storage().store();
    var signer =
        LinkSigner.of(
            settings.links().signingKey(), new ClusterTables(foundation.database())::signingKey);
    var links = new Links(signer, store.base(), settings.address().publicUrl(), foundation.clock());
    return AdminServer.start(
        settings,
        List.of(
            AdminService.table(services.definitions(), services.executions()),
            services.signals().table(),
            new DataProxy(links, store, services.executions(), settings).table()),
        Map.of(
            Links.PREFIX,
            new DataTransfer(links, store, settings),
            LOGS,
            services.logs(),
            "/",
            ConsoleFiles.redirect(ConsoleFiles.PREFIX),
            "/console",
            ConsoleFiles.redirect(ConsoleFiles.PREFIX),
            ConsoleFiles.PREFIX,
            new ConsoleFiles(),
            ConsoleApi.PREFIX,
            services.console()),
        readiness,
        metrics);
  }

  /** Opens the port of a node that is no door: for probes, metrics and the logs of its tasks. */
  static AdminServer openWithoutDoor(
      AdminSettings settings,
      FileRoute logs,
      Readiness readiness,
      PrometheusMeterRegistry metrics) {
    return AdminServer.start(settings, List.of(), Map.of(LOGS, logs), readiness, metrics);
  }
}
