package io.turboprop;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.turboprop.admin.AdminService;
import io.turboprop.admin.data.DataProxy;
import io.turboprop.admin.data.DataTransfer;
import io.turboprop.admin.data.LinkSigner;
import io.turboprop.admin.data.Links;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.executions.ExecutionRpcs;
import io.turboprop.admin.executions.SignalService;
import io.turboprop.admin.transport.AdminServer;
import io.turboprop.admin.transport.AdminSettings;
import io.turboprop.admin.transport.FileRoute;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Opens the door: the services that clients call, and the files that they fetch. */
final class ApiAssembly {
  private ApiAssembly() {}

  /**
   * @param directory where the key is that links are signed with
   * @param logs the folder of the tasks' logs
   */
  static AdminServer open(
      AdminSettings settings,
      Path directory,
      Path logs,
      Foundation foundation,
      Definitions definitions,
      ExecutionRpcs executions,
      SignalService signals,
      PrometheusMeterRegistry metrics)
      throws IOException {
    var store = foundation.store();
    var signer = LinkSigner.load(settings.links().signingKey(), directory.resolve("signing-key"));
    var links = new Links(signer, store.base(), settings.address().publicUrl(), foundation.clock());
    return AdminServer.start(
        settings,
        List.of(
            AdminService.table(definitions, executions),
            signals.table(),
            new DataProxy(links, store, executions, settings).table()),
        Map.of(
            Links.PREFIX, new DataTransfer(links, store, settings), "/logs/", new FileRoute(logs)),
        metrics);
  }
}
