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
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Opens the API: the services that clients call, and the files that they fetch. */
final class ApiAssembly {
  private ApiAssembly() {}

  /**
   * The services behind the API.
   *
   * @param directory the folder with the key that signs links
   * @param logs the folder of the tasks' logs
   */
  record Services(
      Definitions definitions,
      ExecutionService executions,
      SignalService signals,
      Path directory,
      Path logs) {}

  static AdminServer open(
      AdminSettings settings,
      Foundation foundation,
      Services services,
      Readiness readiness,
      PrometheusMeterRegistry metrics)
      throws IOException {
    var store = foundation.storage().store();
    var signer =
        LinkSigner.load(settings.links().signingKey(), services.directory().resolve("signing-key"));
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
            "/logs/",
            new FileRoute(services.logs())),
        readiness,
        metrics);
  }
}
