package io.turboprop.admin;

import flyteidl.service.AdminServiceGrpc;
import io.turboprop.admin.definitions.Definitions;
import io.turboprop.admin.executions.ExecutionService;
import io.turboprop.admin.transport.RpcTable;

/** {@code flyteidl.service.AdminService}: what is registered, and what is run. */
public final class AdminService {
  private AdminService() {}

  /** The table of the service; a method that neither half binds answers {@code UNIMPLEMENTED}. */
  public static RpcTable table(Definitions definitions, ExecutionService executions) {
    var table = new RpcTable(AdminServiceGrpc.getServiceDescriptor());
    definitions.bindTo(table);
    executions.bindTo(table);
    return table;
  }
}
