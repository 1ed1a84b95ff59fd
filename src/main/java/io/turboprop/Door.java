package io.turboprop;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.turboprop.admin.AdminServer;
import io.turboprop.admin.AdminService;
import io.turboprop.admin.AdminSettings;
import io.turboprop.admin.DataProxy;
import io.turboprop.admin.DataTransfer;
import io.turboprop.admin.Definitions;
import io.turboprop.admin.ExecutionRpcs;
import io.turboprop.admin.FileRoute;
import io.turboprop.admin.LinkSigner;
import io.turboprop.admin.Links;
import io.turboprop.admin.SignalService;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Opens the door: the services that clients call, and the files that they fetch. */
final class Door {
  private Door() {}

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
    var signer = LinkSigner.load(settings.signingKey(), directory.resolve("signing-key"));
    var links = new Links(signer, store.base(), settings.publicUrl(), foundation.clock());
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
